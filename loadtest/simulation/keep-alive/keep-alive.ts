import { STAY_PRICES, type StayPrices } from '@lambent/worker/keep-alive';
import { LEAST_RECENTLY_USED, playBounded } from './bounded-day.ts';
import { learnedOrder, learnedStay } from './learned-stay.ts';
import { searchPrice } from './price-search.ts';
import type { Score } from './score.ts';
import { fixedStay, playTimed } from './timed-day.ts';
import { halve, readTrace, type TracedFunction } from './traced-function.ts';

/** Plays a day of 1,000 real functions with the worker's keep-alive and with others; gives the lines of a report. */
export async function* simulateKeepAlive({ seed }: { readonly seed: number }): AsyncGenerator<string> {
  const functions = await readTrace();
  yield `a day of ${functions.length} functions, at minute grain, one environment of one size for each`;
  yield '';
  yield HEADINGS;
  const fixedTen = playTimed(functions, () => fixedStay(10));
  for (const minutes of [1, 10, 20, 60]) {
    const score = playTimed(functions, () => fixedStay(minutes));
    yield row(`fixed ${minutes} min`, score, fixedTen);
  }
  for (const room of [360, 500]) {
    yield row(`LRU, room for ${room}`, playBounded(functions, room, LEAST_RECENTLY_USED), fixedTen);
    yield row(`learned, room for ${room}`, playBounded(functions, room, learnedOrder()), fixedTen);
  }
  yield row('learned, as shipped', learnedScore(functions, STAY_PRICES), fixedTen);
  const { chosenOn, scoredOn } = halve(functions, seed);
  yield* reportHalves({ chosenOn, scoredOn, seed });
}

async function* reportHalves(halves: {
  readonly chosenOn: readonly TracedFunction[];
  readonly scoredOn: readonly TracedFunction[];
  readonly seed: number;
}): AsyncGenerator<string> {
  const { chosenOn, scoredOn, seed } = halves;
  const price = equalMemory(chosenOn, STAY_PRICES.prewarm);
  yield '';
  yield `halves by seed ${seed}; prices in cold starts, a prewarm ${STAY_PRICES.prewarm}`;
  yield `an idle minute at fixed 10's memory on the half it is chosen on: ${price.toFixed(4)}; shipped: ${STAY_PRICES.idleMinute}`;
  for (const [name, half] of [
    ['chosen on', chosenOn],
    ['scored on', scoredOn],
  ] as const) {
    const fixedTen = playTimed(half, () => fixedStay(10));
    yield '';
    yield HEADINGS.replace('policy   ', name);
    yield row('fixed 10 min', fixedTen, fixedTen);
    const chosen = learnedScore(half, { ...STAY_PRICES, idleMinute: price });
    yield row('learned, price as chosen', chosen, fixedTen);
    for (const prewarm of [STAY_PRICES.prewarm, NEVER]) {
      const how = prewarm === NEVER ? ', never prewarms' : '';
      const idleMinute = equalMemory(half, prewarm);
      const atMemory = learnedScore(half, { idleMinute, prewarm });
      yield row(`S1 learned${how}`, atMemory, fixedTen);
      const atCold = learnedScore(half, { idleMinute: equalCold(half, prewarm), prewarm });
      yield row(`S3 learned${how}`, atCold, fixedTen);
    }
  }
}

function learnedScore(functions: readonly TracedFunction[], prices: StayPrices): Score {
  return playTimed(functions, () => learnedStay(prices));
}

/** The price at which idle memory is fixed 10's. */
function equalMemory(functions: readonly TracedFunction[], prewarm: number): number {
  const { idleMinutes } = playTimed(functions, () => fixedStay(10));
  return searchPrice(
    idleMinute => learnedScore(functions, { idleMinute, prewarm }).idleMinutes > idleMinutes,
  );
}

/** The price at which as many start cold as with fixed 10. */
function equalCold(functions: readonly TracedFunction[], prewarm: number): number {
  const { cold } = playTimed(functions, () => fixedStay(10));
  return searchPrice(idleMinute => learnedScore(functions, { idleMinute, prewarm }).cold < cold);
}

/** A start that nobody waits for never costs less than the cold start it saves. */
const NEVER = 1;

const HEADINGS = `${'policy'.padEnd(30)} cold/day  ÷ fixed 10  p75 cold  idle ÷ fixed 10  prewarmed  starts ÷ fixed 10`;

function row(name: string, score: Score, fixedTen: Score): string {
  const ratio = (value: number, of: number) => (value / of).toFixed(3);
  return [
    name.padEnd(30),
    String(score.cold).padStart(8),
    ratio(score.cold, fixedTen.cold).padStart(11),
    score.coldShareP75.toFixed(3).padStart(9),
    ratio(score.idleMinutes, fixedTen.idleMinutes).padStart(16),
    String(score.prewarmed).padStart(10),
    ratio(score.cold + score.prewarmed, fixedTen.cold).padStart(18),
  ].join(' ');
}
