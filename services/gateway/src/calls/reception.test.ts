import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { AwsError } from '@lambent/aws-api';
import { Deadline, SimulatedClock } from '@lambent/core';
import { nullTelemetry } from '@lambent/daemon';
import { GatewayMetrics } from '../gateway-metrics.ts';
import { refusedWith } from '../open-test-gateway.ts';
import type { Call, CallAnswer } from './call.ts';
import { CallRules } from './call-rules.ts';
import type { Calls } from './calls.ts';
import { CALLS_MAX, Reception } from './reception.ts';

const CALL: Call = {
  door: 'nats',
  requestId: 'r',
  functionName: 'f',
  qualifier: undefined,
  type: 'DryRun',
  payload: undefined,
  clientContext: undefined,
  logTail: false,
  trace: { traceparent: '', xAmznTraceId: '' },
  signal: new AbortController().signal,
  traced: () => {},
};

/** Before calls that are answered as `answer` says. */
function openReception(answer: (call: Call) => Promise<CallAnswer>) {
  const counted: (readonly [door: unknown, status: unknown])[] = [];
  const troubles: unknown[] = [];
  const clock = new SimulatedClock();
  const telemetry = {
    ...nullTelemetry(),
    histogram: () => ({
      record: (_: number, labels: Readonly<Record<string, unknown>> = {}) =>
        void counted.push([labels['door'], labels['status']]),
    }),
  };
  const reception = new Reception({
    door: 'nats',
    calls: { answer } as Calls,
    rules: new CallRules(),
    metrics: new GatewayMetrics(telemetry),
    clock,
    onTrouble: error => void troubles.push(error),
  });
  const ask = (change: Partial<Call> = {}) => reception.answer('Invoke', () => ({ ...CALL, ...change }));
  return { reception, ask, counted, troubles, clock };
}

const never = () => new Promise<never>(() => {});

suite('A reception', () => {
  test('counts answers and refusals by door and status', async () => {
    const { ask, counted } = openReception(async () => ({ statusCode: 204 }));
    await ask();
    await assert.rejects(ask({ functionName: 'a b' }), refusedWith('ValidationException', /functionName/));
    await assert.rejects(ask({ functionName: undefined }), refusedWith('ValidationException', /not be null/));
    assert.deepEqual(counted, [
      ['nats', 204],
      ['nats', 400],
      ['nats', 400],
    ]);
  });

  test('what cannot be read is refused like what is not right', async () => {
    const { reception, counted } = openReception(never);
    const unreadable = () => {
      throw new AwsError('ValidationException', 'no');
    };
    await assert.rejects(reception.answer('Invoke', unreadable), refusedWith('ValidationException', 'no'));
    assert.deepEqual(counted, [['nats', 400]]);
  });

  test('so many calls are answered at once, and the next is refused', async () => {
    const finish = Promise.withResolvers<CallAnswer>();
    const { ask } = openReception(() => finish.promise);
    const calls = Array.from({ length: CALLS_MAX }, () => ask());
    await assert.rejects(ask(), refusedWith('TooManyRequestsException', 'Rate Exceeded.'));
    finish.resolve({ statusCode: 202 });
    await Promise.all(calls);
    assert.deepEqual(await ask(), { statusCode: 202 });
  });

  test('so much is held of payloads, and what would be more is refused', async () => {
    const { ask } = openReception(never);
    const payload = new Uint8Array(6_291_456);
    for (let held = 0; held < 85; held++) void ask({ payload });
    await assert.rejects(ask({ payload }), refusedWith('TooManyRequestsException', 'Rate Exceeded.'));
  });

  test('a caller is not kept longer than it waits, and its call holds its place until it ends', async () => {
    const finish = Promise.withResolvers<CallAnswer>();
    const { ask, clock, troubles } = openReception(() => finish.promise);
    using deadline = Deadline.after(clock, 50);
    const late = Array.from({ length: CALLS_MAX }, () =>
      assert.rejects(
        ask({ signal: deadline.signal }),
        refusedWith('RequestTimeoutException', /^The call's deadline passed\./),
      ),
    );
    await clock.advance(51);
    await Promise.all(late);
    await assert.rejects(ask(), refusedWith('TooManyRequestsException', 'Rate Exceeded.'));
    finish.reject(new Error('of interest to nobody but the last'));
    await setImmediate();
    await assert.rejects(ask(), refusedWith('ServiceException', /internal error/));
    assert.equal(troubles.length, 1);
  });

  test('what we break ourselves is told to us, and of the caller kept', async () => {
    const bug = new TypeError('a secret');
    const { ask, troubles, counted } = openReception(() => Promise.reject(bug));
    await assert.rejects(
      ask(),
      refusedWith('ServiceException', 'The service encountered an internal error.'),
    );
    assert.deepEqual(troubles, [bug]);
    assert.deepEqual(counted, [['nats', 500]]);
  });
});
