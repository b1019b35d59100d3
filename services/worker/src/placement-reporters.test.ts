import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  type EnlistResponse,
  EnlistResponseSchema,
  type RaiseEnded,
  type WorkerReport,
  WorkerReportSchema,
} from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { EmbeddedNetwork, type Stream } from '@lambent/link';
import { PlacementReporters } from './placement-reporters.ts';

class Replica {
  readonly reports: WorkerReport[] = [];
  readonly turns: RaiseEnded[] = [];
  closed = 0;
  stream: Stream<EnlistResponse> | undefined;

  async serve(network: EmbeddedNetwork, address: string): Promise<void> {
    await network.member(address).servePlacement(address, {
      need: () => Promise.reject(new Error('not asked here')),
      enlist: stream => {
        this.stream = stream;
        return {
          message: ({ message }) => {
            if (message.case === 'report') this.reports.push(message.value);
            else if (message.case === 'raiseEnded') this.turns.push(message.value);
          },
          closed: () => {
            this.closed += 1;
          },
        };
      },
    });
  }

  raise(turn: bigint): void {
    const value = { limitId: 'pool', slots: 3, turn };
    this.stream?.send(create(EnlistResponseSchema, { message: { case: 'raise', value } }));
  }
}

async function openReporters() {
  const [clock, network] = [new SimulatedClock(), new EmbeddedNetwork()];
  const replicas = { a: new Replica(), b: new Replica() };
  await replicas.a.serve(network, 'a');
  await replicas.b.serve(network, 'b');
  let tell = (_addresses: readonly string[]) => {};
  const watched = { ended: 0 };
  const reporters = await PlacementReporters.open(
    async changed => {
      tell = changed;
      changed(['a', 'b']);
      return {
        async [Symbol.asyncDispose]() {
          watched.ended += 1;
        },
      };
    },
    {
      link: network.member('worker'),
      clock,
      random: new SeededRandom(1),
      logger: createLogger({ level: 'silent', service: 'worker' }),
      report: () => create(WorkerReportSchema, { workerId: 'worker-1' }),
      advice: {
        start: () => undefined,
        raise: async ({ slots }) => slots * 10,
        lower: () => undefined,
        provision: () => undefined,
      },
    },
  );
  await clock.advance(0);
  return { clock, replicas, reporters, watched, tell: (addresses: readonly string[]) => tell(addresses) };
}

test('every replica is told, at once and of every change', async () => {
  const { clock, replicas, reporters } = await openReporters();
  reporters.changed();
  await clock.advance(100);
  assert.deepEqual([replicas.a.reports.length, replicas.b.reports.length], [2, 2]);
  await reporters[Symbol.asyncDispose]();
});

test('a turn is given back to the replica that gave it, with what is held', async () => {
  const { clock, replicas, reporters } = await openReporters();
  replicas.b.raise(7n);
  await clock.advance(0);
  assert.deepEqual(
    [replicas.a.turns.length, replicas.b.turns.map(({ turn, granted }) => ({ turn, granted }))],
    [0, [{ turn: 7n, granted: 30 }]],
  );
  assert.equal(replicas.b.reports.length, 2);
  await reporters[Symbol.asyncDispose]();
});

test('a replica that goes is told no more, and that nobody sees any changes nothing', async () => {
  const { clock, replicas, reporters, tell, watched } = await openReporters();
  tell(['b']);
  await clock.advance(1_000);
  assert.deepEqual([replicas.a.closed, replicas.b.closed], [1, 0]);
  tell([]);
  await clock.advance(1_000);
  assert.equal(replicas.b.closed, 0);
  tell(['a', 'b']);
  await clock.advance(0);
  const { length } = replicas.a.reports;
  await clock.advance(1_000);
  assert.equal(replicas.a.reports.length, length + 1);
  await reporters[Symbol.asyncDispose]();
  assert.deepEqual([watched.ended, replicas.a.closed, replicas.b.closed], [1, 2, 1]);
  assert.equal(clock.pendingTimers, 0);
});
