import { freeOf, grantedOf, type Limit } from './limit.ts';

/**
 * What the holders of limits that have fallen come down to: each to its part, ⌊n·L/Σ⌋ of what it held when the fall
 * was seen. Kept until the sum fits, since parts of what is held while others come down would be too small.
 */
export class Lowering {
  readonly #falls = new Map<
    string,
    { readonly slots: number; readonly parts: ReadonlyMap<string, number> }
  >();

  /** The part of everybody who still holds more. `news`: nobody was told of this fall before. */
  partsOf(limit: Limit): { readonly parts: ReadonlyMap<string, number>; readonly news: boolean } {
    const { id, slots, grants } = limit;
    if (slots === undefined || freeOf(limit) >= 0) {
      this.#falls.delete(id);
      return { parts: new Map(), news: false };
    }
    const known = this.#falls.get(id);
    const fall = known?.slots === slots ? known : { slots, parts: shareOut(limit, slots) };
    this.#falls.set(id, fall);
    const parts = [...fall.parts].filter(([workerId, part]) => (grants.get(workerId) ?? 0) > part);
    return { parts: new Map(parts), news: fall !== known };
  }
}

function shareOut(limit: Limit, slots: number): Map<string, number> {
  const sum = grantedOf(limit);
  return new Map([...limit.grants].map(([workerId, held]) => [workerId, Math.floor((held * slots) / sum)]));
}
