/** An idle environment, as far as evicting it matters. */
export interface Evictable {
  readonly memoryMb: number;
  readonly idleSinceMs: number;
  /** What is lost by the megabyte. */
  readonly worth: number;
}

/**
 * Which idle environments go to make room for `memoryMb`, those worth least first and of those the longest idle;
 * undefined when even all of them would not do, so that none goes in vain.
 */
export function chooseEvicted<E extends Evictable>(
  idle: readonly E[],
  room: { readonly freeMb: number; readonly neededMb: number },
): readonly E[] | undefined {
  const leastFirst = idle.toSorted((a, b) => a.worth - b.worth || a.idleSinceMs - b.idleSinceMs);
  let freeMb = room.freeMb;
  const evicted: E[] = [];
  for (const environment of leastFirst) {
    if (freeMb >= room.neededMb) break;
    evicted.push(environment);
    freeMb += environment.memoryMb;
  }
  return freeMb >= room.neededMb ? evicted : undefined;
}
