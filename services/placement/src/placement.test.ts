import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  EnlistRequestSchema,
  EnvironmentKeySchema,
  EnvironmentSpecSchema,
  NeedRequestSchema,
  NeedVerdict,
} from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { DirectWire, EmbeddedNetwork } from '@lambent/link';
import { Placement } from './placement.ts';

const KEY = create(EnvironmentKeySchema, { functionId: 'f', version: '1', revision: 1n, tenantId: '' });
const SPEC = create(EnvironmentSpecSchema, {
  key: KEY,
  runtime: 'nodejs24.x',
  memoryMb: 128,
});

test('a need becomes start commands to the worker that enlisted, once for all routers together', async () => {
  await using stage = await openStage();
  await stage.enlist('w-1');
  assert.equal((await stage.need('r-1', 2)).starting, 2);
  assert.equal((await stage.need('r-2', 1)).starting, 3);
  assert.equal((await stage.need('r-1', 2)).starting, 3);
  await stage.clock.advance(0);
  assert.deepEqual(stage.started, [2, 1]);
});

test('a router that has fallen silent is no longer counted', async () => {
  await using stage = await openStage();
  await stage.enlist('w-1', 10n * 128n);
  await stage.need('r-1', 4);
  await stage.clock.advance(1_000);
  await stage.enlist('w-1', 10n * 128n);
  assert.equal((await stage.need('r-2', 1)).starting, 1);
});

test('a worker whose stream closed gets nothing more, and a need without workers says so', async () => {
  await using stage = await openStage();
  const stream = await stage.enlist('w-1');
  stream.close();
  await stage.clock.advance(0);
  assert.equal((await stage.need('r-1', 1)).verdict, NeedVerdict.NO_WORKER);
});

test('once a newer configuration was asked for, who waits for an older one is told so, and nothing starts', async () => {
  await using stage = await openStage();
  await stage.enlist('w-1');
  await stage.need('r-1', 1);
  assert.equal((await stage.need('r-2', 1, 2n)).verdict, NeedVerdict.STARTING);
  assert.equal((await stage.need('r-1', 2)).verdict, NeedVerdict.STALE);
  assert.equal((await stage.need('r-2', 1, 2n)).verdict, NeedVerdict.STARTING);
  await stage.clock.advance(0);
  assert.deepEqual(stage.started, [1, 1]);
});

async function openStage() {
  const clock = new SimulatedClock();
  const network = new EmbeddedNetwork({ wire: new DirectWire({ clock }) });
  const logger = createLogger({ level: 'silent', service: 'placement' });
  const link = network.member('placement');
  const placement = await Placement.open({
    address: 'placement',
    link,
    clock,
    random: new SeededRandom(1),
    logger,
  });
  const started: number[] = [];
  return {
    clock,
    started,
    async enlist(workerId: string, memoryMbFree = 4_096n) {
      const stream = await network.member(workerId).openPlacement('placement', {
        message: ({ message }) => {
          if (message.case === 'start') started.push(message.value.count);
        },
        closed: () => undefined,
      });
      const report = {
        workerId,
        memoryMbFree,
        limits: [{ limitId: 'pool', granted: 100 }],
        runtimes: ['nodejs24.x'],
      };
      stream.send(create(EnlistRequestSchema, { message: { case: 'report', value: report } }));
      await clock.advance(0);
      return stream;
    },
    need: (routerId: string, waiting: number, revision = 1n) => {
      const spec = { ...SPEC, key: { ...KEY, revision } };
      const request = create(NeedRequestSchema, { spec, waiting, routerId });
      return network.member(routerId).need('placement', request, { timeoutMs: 1_000 });
    },
    [Symbol.asyncDispose]: () => placement[Symbol.asyncDispose](),
  };
}
