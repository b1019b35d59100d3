/** An idle environment, as far as evicting it matters. */
export interface Evictable {
  readonly memoryMb: number;
  readonly idleSinceMs: number;
}

/**
 * Which idle environments go to make room for `memoryMb`, the longest idle first; undefined when even all of them
 * would not do, so that none goes in vain.
 */
export function chooseEvicted<E extends Evictable>(
  idle: readonly E[],
  room: { readonly freeMb: number; readonly neededMb: number },
): readonly E[] | undefined {
  const oldestFirst = idle.toSorted((a, b) => a.idleSinceMs - b.idleSinceMs);
  let freeMb = room.freeMb;
  const evicted: E[] = [];
  for (const environment of oldestFirst) {
    if (freeMb >= room.neededMb) break;
    evicted.push(environment);
    freeMb += environment.memoryMb;
  }
  return freeMb >= room.neededMb ? evicted : undefined;
}
