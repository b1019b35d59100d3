import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  type EnlistResponse,
  EnlistResponseSchema,
  type WorkerReport,
  WorkerReportSchema,
} from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { EmbeddedNetwork, type Stream } from '@lambent/link';
import { PlacementReporter } from './placement-reporter.ts';

class Placement {
  readonly reports: WorkerReport[] = [];
  readonly streams: Stream<EnlistResponse>[] = [];
  closed = 0;
  readonly network = new EmbeddedNetwork();

  serve(): Promise<AsyncDisposable> {
    return this.network.member('placement').servePlacement('placement:1', {
      need: () => Promise.reject(new Error('not asked here')),
      enlist: stream => {
        this.streams.push(stream);
        return {
          message: ({ message }) => {
            if (message.case === 'report') this.reports.push(message.value);
          },
          closed: () => {
            this.closed += 1;
          },
        };
      },
    });
  }
}

const beat = create(EnlistResponseSchema, { message: { case: 'beat', value: {} } });
const start = (count: number) =>
  create(EnlistResponseSchema, { message: { case: 'start', value: { spec: {}, count } } });

function reporterTo(placement: Placement, clock: SimulatedClock, starts: number[] = []) {
  return new PlacementReporter({
    link: placement.network.member('worker'),
    address: 'placement:1',
    clock,
    random: new SeededRandom(1),
    logger: createLogger({ level: 'silent', service: 'worker' }),
    report: () => create(WorkerReportSchema, { workerId: 'worker-1' }),
    advice: {
      start: (_spec, { count }) => starts.push(count),
      raise: async ({ slots }) => slots + 1,
      lower: ({ slots }) => starts.push(-slots),
      provision: () => undefined,
    },
  });
}

test('a report goes out at once, when something changed at most every 100 ms, and every second', async () => {
  const [placement, clock] = [new Placement(), new SimulatedClock()];
  await placement.serve();
  using reporter = reporterTo(placement, clock);
  await clock.advance(0);
  assert.equal(placement.reports.length, 1);
  for (let change = 0; change < 50; change += 1) {
    reporter.changed();
    await clock.advance(10);
  }
  await clock.advance(0);
  assert.equal(placement.reports.length, 6);
  await clock.advance(2_000);
  assert.equal(placement.reports.length, 8);
});

test('placement may come late, go and come again', async () => {
  const [placement, clock] = [new Placement(), new SimulatedClock()];
  using _reporter = reporterTo(placement, clock);
  await clock.advance(10_000);
  const first = await placement.serve();
  await clock.advance(5_000);
  assert.equal(placement.streams.length, 1);
  await first[Symbol.asyncDispose]();
  await clock.advance(1_000);
  await placement.serve();
  await clock.advance(5_000);
  assert.equal(placement.streams.length, 2);
});

test('a placement that falls silent on an open stream is spoken to anew, and one that beats is not', async () => {
  const [placement, clock] = [new Placement(), new SimulatedClock()];
  await placement.serve();
  using _reporter = reporterTo(placement, clock);
  for (let second = 0; second < 10; second += 1) {
    await clock.advance(1_000);
    placement.streams[0]?.send(beat);
  }
  await clock.advance(4_900);
  assert.deepEqual([placement.streams.length, placement.closed], [1, 0]);
  await clock.advance(1_500);
  assert.deepEqual([placement.streams.length, placement.closed], [2, 1]);
});

test('a placement that was long away is told within a second of its return', async () => {
  const [placement, clock] = [new Placement(), new SimulatedClock()];
  using _reporter = reporterTo(placement, clock);
  await clock.advance(60_000);
  await placement.serve();
  await clock.advance(1_000);
  assert.equal(placement.reports.length, 1);
});

test('advice is passed on, and nothing is left after disposing', async () => {
  const [placement, clock, starts] = [new Placement(), new SimulatedClock(), [] as number[]];
  await placement.serve();
  const reporter = reporterTo(placement, clock, starts);
  await clock.advance(0);
  placement.streams[0]?.send(start(3));
  await clock.advance(0);
  assert.deepEqual(starts, [3]);
  reporter[Symbol.dispose]();
  await clock.advance(10_000);
  assert.equal(clock.pendingTimers, 0);
  assert.equal(placement.streams.length, 1);
});
