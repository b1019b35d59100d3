import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  EnvironmentSpecSchema,
  environmentKeyText,
  type NeedRequest,
  type NeedResponse,
  NeedResponseSchema,
  NeedVerdict,
} from '@lambent/contracts';
import { SimulatedClock } from '@lambent/core';
import { EmbeddedNetwork } from '@lambent/link';
import { byRendezvous, POOL_LIMIT_ID } from '@lambent/membership';
import { NeedLoop } from './need-loop.ts';
import { Placements } from './placements.ts';

const SPEC = create(EnvironmentSpecSchema, {
  key: { functionId: 'f-1', version: '$LATEST', revision: 1n, tenantId: '' },
});
const KEY = environmentKeyText(SPEC.key as NonNullable<typeof SPEC.key>);
const [FIRST = '', SECOND = ''] = byRendezvous(POOL_LIMIT_ID, ['p-1', 'p-2']);

test('a replica that hears too few workers has no word while another hears enough', async () => {
  await using stage = await openLoop();
  stage.hears(FIRST, 3);
  await stage.wait();
  assert.deepEqual(stage.asked, [FIRST, SECOND]);
  assert.deepEqual(stage.verdicts, [NeedVerdict.STARTING]);
  await stage.wait();
  assert.deepEqual(stage.asked.slice(2), [SECOND]);
});

test('where all hear too few, the one that hears most advises all the same', async () => {
  await using stage = await openLoop();
  stage.hears(FIRST, 1);
  stage.hears(SECOND, 2);
  await stage.wait();
  assert.deepEqual(stage.asked, [FIRST, SECOND, `${SECOND} regardless`]);
  assert.deepEqual(stage.verdicts, [NeedVerdict.STARTING]);
});

test('of two that hear as few, the one responsible advises, and of one that is gone nothing is expected', async () => {
  await using stage = await openLoop();
  stage.hears(FIRST, 1);
  stage.hears(SECOND, 1);
  await stage.wait();
  assert.equal(stage.asked.at(-1), `${FIRST} regardless`);
  stage.breaks(SECOND, new Error('a bug'));
  await stage.wait();
  assert.equal(stage.asked.at(-1), `${FIRST} regardless`);
  assert.equal(stage.verdicts.at(-1), NeedVerdict.STARTING);
});

test('whatever a question ends in, the next is asked', async () => {
  await using stage = await openLoop();
  for (const replica of [FIRST, SECOND]) stage.breaks(replica, new TypeError('a bug'));
  await stage.wait();
  assert.deepEqual(stage.verdicts, [undefined]);
  await stage.clock.advance(250);
  assert.deepEqual(stage.asked, [FIRST, SECOND, FIRST, SECOND]);
});

/** Somebody waits for one key, and two replicas do what a test says. */
async function openLoop() {
  const clock = new SimulatedClock();
  const network = new EmbeddedNetwork();
  const asked: string[] = [];
  const verdicts: (NeedVerdict | undefined)[] = [];
  const heard = new Map<string, number>();
  const broken = new Map<string, Error>();
  const answer = async (replica: string, { regardless }: NeedRequest): Promise<NeedResponse> => {
    asked.push(regardless ? `${replica} regardless` : replica);
    const error = broken.get(replica);
    if (error) throw error;
    const few = heard.get(replica);
    if (few === undefined || regardless)
      return create(NeedResponseSchema, { verdict: NeedVerdict.STARTING, starting: 1 });
    return create(NeedResponseSchema, { verdict: NeedVerdict.BLIND, heard: few });
  };
  for (const replica of [FIRST, SECOND])
    await network.member(replica).servePlacement(replica, {
      need: request => answer(replica, request),
      enlist: () => ({ message: () => undefined, closed: () => undefined }),
    });
  const loop = new NeedLoop({
    link: network.member('router'),
    placements: new Placements({ clock, addresses: [FIRST, SECOND] }),
    routerId: 'r-1',
    clock,
    needOf: () => ({ spec: SPEC, limitId: POOL_LIMIT_ID, waiting: 1, waitedMs: 0, traceparent: '' }),
    answered: (_key, response) => verdicts.push(response?.verdict),
  });
  return {
    clock,
    asked,
    verdicts,
    hears: (replica: string, workers: number) => heard.set(replica, workers),
    breaks: (replica: string, error: Error) => broken.set(replica, error),
    wait: async () => {
      loop.waits(KEY);
      await clock.advance(0);
    },
    async [Symbol.asyncDispose]() {
      loop[Symbol.dispose]();
    },
  };
}
