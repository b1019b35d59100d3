/** A worker, as far as one version's provisioned environments go. */
export interface Holder {
  readonly workerId: string;
  /** How many it was last told to hold. */
  readonly told: number;
  /** How many it has; those that start count. */
  readonly held: number;
  /** How many more would fit. */
  readonly room: number;
}

/**
 * How many of `goal` environments each worker is to hold. A pure function: who holds some keeps them, so that nothing
 * moves that need not; what is missing goes to who would hold fewest; what is too much goes from who would hold most,
 * and first where it has not come up yet. Less than the goal where there is no room for it.
 */
export function spread(goal: number, holders: readonly Holder[]): Map<string, number> {
  const shares = holders.map(holder => {
    const most = holder.held + holder.room;
    return { ...holder, most, count: Math.min(holder.told, most) };
  });
  let missing = goal - shares.reduce((sum, { count }) => sum + count, 0);
  for (; missing < 0; missing += 1) {
    const coming = shares.filter(({ count, held }) => count > held);
    const giver = leastOf(coming.length > 0 ? coming : shares, ({ count }) => -count);
    if (giver) giver.count -= 1;
  }
  for (; missing > 0; missing -= 1) {
    const taker = leastOf(
      shares.filter(({ count, most }) => count < most),
      ({ count }) => count,
    );
    if (!taker) break;
    taker.count += 1;
  }
  return new Map(shares.map(({ workerId, count }) => [workerId, count]));
}

/** The first of those of least weight. */
function leastOf<T>(items: readonly T[], weigh: (item: T) => number): T | undefined {
  let least: T | undefined;
  for (const item of items) if (!least || weigh(item) < weigh(least)) least = item;
  return least;
}
