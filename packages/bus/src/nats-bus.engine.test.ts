import { after } from 'node:test';
import { SystemClock, sleep } from '@lambent/core';
import { type BusUnderTest, busContract, startTestNats } from '@lambent/testing';
import { openNatsBus } from './fixtures/open-nats-bus.ts';

/** Short, and yet long beside what a busy machine takes to wake somebody up. */
const PACE = 0.15;
/** In the suite's milliseconds; the broker restarts within it. */
const DEDUPLICATION_MS = 20_000;

const engine = await startTestNats();
after(() => engine[Symbol.asyncDispose]());
let clusters = 0;

busContract('NatsBus', async (): Promise<BusUnderTest> => {
  const clock = new SystemClock();
  const cluster = `test-${clusters++}`;
  const open = () =>
    openNatsBus({
      url: engine.url,
      cluster,
      deduplicationMs: DEDUPLICATION_MS * PACE,
      delayStepsMs: [1_000, 2_000, 3_000].map(stepMs => stepMs * PACE),
    });
  let opened = await open();
  return {
    get bus() {
      return opened.bus;
    },
    pace: PACE,
    deduplicationMs: DEDUPLICATION_MS,
    // The broker reads the ids it knows from the messages it has.
    remembersTheGone: false,
    pass: ms => sleep(clock, ms * PACE),
    async reopen() {
      await opened[Symbol.asyncDispose]();
      await engine.restart();
      opened = await open();
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
});
