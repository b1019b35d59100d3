/** A limit and who holds how much of it, as the registry says. */
export interface Limit {
  readonly id: string;
  /** Undefined: nobody has written it yet. */
  readonly slots: number | undefined;
  /** By worker. */
  readonly grants: ReadonlyMap<string, number>;
}

export function grantedOf({ grants }: Limit): number {
  let sum = 0;
  for (const slots of grants.values()) sum += slots;
  return sum;
}

/** What nobody holds; negative when the limit has fallen below what is held. Nothing is free of an unknown limit. */
export function freeOf(limit: Limit): number {
  return limit.slots === undefined ? 0 : limit.slots - grantedOf(limit);
}

/** How much one worker may raise its grant by in one turn: less the more have to share what is left. */
export function blockOf(limit: Limit, workers: number): number {
  const free = freeOf(limit);
  if (free <= 0) return 0;
  return Math.max(1, Math.min(BLOCK_MAX, Math.floor(free / (SHARES * Math.max(1, workers)))));
}

/** One write to the registry for so many cold starts. */
const BLOCK_MAX = 16;
/** Nobody takes more than a quarter of its even share at once. */
const SHARES = 4;
