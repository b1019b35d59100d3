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
