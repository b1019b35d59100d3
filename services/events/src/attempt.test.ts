import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Delivery } from '@lambent/bus';
import { fail, SimulatedClock } from '@lambent/core';
import { createLogger, nullTelemetry } from '@lambent/daemon';
import { encodeAsyncInvocation, type Resolution } from '@lambent/functions';
import type { Invocation } from '@lambent/router';
import { type AttemptTools, attempt } from './attempt.ts';
import { FairShare } from './fair-share.ts';

const FUNCTION = found('f', 2);

test('an event runs though what is remembered of its name is older than itself', async () => {
  for (const remembered of [noFunction(), found('an-earlier-life', 1)]) {
    const stage = openStage({ remembered, stored: () => FUNCTION });
    await stage.attempt();
    assert.deepEqual([stage.ran, stage.ends], [[2], ['acknowledged']]);
  }
});

test('an event is dropped when the registry itself says that its function is gone', async () => {
  const stage = openStage({ remembered: found('an-earlier-life', 1), stored: noFunction });
  await stage.attempt();
  assert.deepEqual([stage.ran, stage.ends], [[], ['dropped function-deleted', 'acknowledged']]);
});

test('an event waits while the registry does not say whether its function is gone, however old it is', async () => {
  const stored = () => {
    throw fail('registry-unavailable', { detail: 'silent' });
  };
  const stage = openStage({ remembered: noFunction(), stored, ageMs: 30_000_000 });
  await stage.attempt();
  assert.deepEqual([stage.ran, stage.ends], [[], ['released 300000']]);
});

test('a configuration that turns out to be stale is read anew and tried at once', async () => {
  const stage = openStage({ remembered: found('f', 1), stored: () => FUNCTION, staleUntil: 2 });
  await stage.attempt();
  assert.deepEqual([stage.ran, stage.ends], [[1, 2], ['acknowledged']]);
});

test('one that stays stale is tried again later, not at once', async () => {
  const stage = openStage({ remembered: FUNCTION, stored: () => FUNCTION, staleUntil: 3 });
  await stage.attempt();
  assert.deepEqual([stage.ran, stage.ends], [[2, 2], ['released 1000']]);
});

function noFunction(): Resolution {
  return { kind: 'no-function' };
}

function found(id: string, revision: number): Resolution {
  return { kind: 'found', record: { id }, spec: { key: { revision } } } as unknown as Resolution;
}

interface World {
  /** What the catalog answers with until it is told to forget. */
  readonly remembered: Resolution;
  readonly stored: () => Resolution;
  /** Older revisions are refused. */
  readonly staleUntil?: number;
  readonly ageMs?: number;
}

/** One attempt at one event of the function `f`, and what became of it. */
function openStage({ remembered, stored, staleUntil = 0, ageMs = 0 }: World) {
  const clock = new SimulatedClock();
  const ran: number[] = [];
  const ends: string[] = [];
  let forgotten = false;
  const tools: AttemptTools = {
    clock,
    catalog: {
      resolve: async () => (forgotten ? stored() : remembered),
      forget: () => {
        forgotten = true;
      },
    },
    invoker: {
      async invoke({ spec }: Invocation) {
        const revision = Number(spec.key?.revision);
        ran.push(revision);
        if (revision < staleUntil) throw fail('configuration-stale', { revision });
        const outcome = { kind: 'ok', payload: Buffer.of() } as const;
        return { outcome, logTail: Buffer.of(), metering: undefined };
      },
    },
    share: new FairShare({ max: 1, clock }),
    wishOf: async () => undefined,
    logger: createLogger({ level: 'silent', service: 'events' }),
    telemetry: nullTelemetry(),
    config: { windowMax: 4, startWaitMs: 1_000, maxAgeMs: 21_600_000, firstRetryMs: 1, secondRetryMs: 1 },
    closing: new AbortController().signal,
    gone: new AbortController().signal,
    dropped: reason => ends.push(`dropped ${reason}`),
  };
  const invocation = { requestId: 'r', functionId: 'f', name: 'hello', invokedArn: 'arn', attempt: 1 };
  const delivery: Delivery = {
    ...encodeAsyncInvocation({ ...invocation, firstAcceptedAtMs: 0, payload: Buffer.of() }),
    deliveryCount: 1,
    ageMs,
    acknowledge: async () => void ends.push('acknowledged'),
    replace: async () => void ends.push('replaced'),
    release: async ({ delayMs } = {}) => void ends.push(`released ${delayMs}`),
    extend: async () => undefined,
  };
  return { ran, ends, attempt: () => attempt(delivery, tools) };
}
