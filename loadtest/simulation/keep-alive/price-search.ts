/** The price up to which `tooCheap` holds, by halving the interval of its logarithm. */
export function searchPrice(tooCheap: (price: number) => boolean): number {
  let [low, high] = PRICES;
  for (let step = 0; step < STEPS; step += 1) {
    const middle = Math.sqrt(low * high);
    if (tooCheap(middle)) low = middle;
    else high = middle;
  }
  return Math.sqrt(low * high);
}

/** An idle minute costs less than a cold start and more than a thousandth of it. */
const PRICES: readonly [number, number] = [0.001, 1];
/** To within a thousandth of the price. */
const STEPS = 13;
