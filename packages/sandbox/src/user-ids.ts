import { type Owner, SANDBOXES_MAX } from './owner.ts';

/**
 * User ids that no account and no container uses: systemd keeps 1,879,048,192 to 2,147,483,647 free of its own
 * ranges. Where a user namespace maps fewer (a container with 65,536), ids below the "nobody" of old.
 */
const FIRST_WIDE = 2_000_000_000;
const OWNERS_WIDE = 30_000;
const FIRST_NARROW = 50_000;

/** The first of the owner's SANDBOXES_MAX user ids, from the text of `/proc/self/uid_map`. */
export function firstUserId(owner: Owner, uidMap: string): number | undefined {
  const wide = FIRST_WIDE + (owner.number % OWNERS_WIDE) * SANDBOXES_MAX;
  return [wide, FIRST_NARROW].find(first => isMapped(uidMap, first, first + SANDBOXES_MAX));
}

function isMapped(uidMap: string, first: number, end: number): boolean {
  return uidMap.split('\n').some(line => {
    const [inside, , length] = line.trim().split(/\s+/).map(Number);
    return inside !== undefined && length !== undefined && inside <= first && end <= inside + length;
  });
}
