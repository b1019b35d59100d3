import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { NEVER_SEEN_BELIEVED_MS, ResultSchema, RUN_REMEMBERED_MS } from '@lambent/contracts';
import { SimulatedClock } from '@lambent/core';
import { InvocationLedger } from './invocation-ledger.ts';

const result = (requestId: string, bytes = 10) =>
  create(ResultSchema, { requestId, payload: new Uint8Array(bytes) });
const RUNNING = { routerId: 'router', attempt: 1 };

test('an invocation is never seen, running, done and, long after, never seen', async () => {
  const clock = new SimulatedClock();
  const ledger = new InvocationLedger({ clock, keptResultBytes: 10_000 });
  assert.equal(ledger.standing('a').kind, 'never-seen');
  ledger.started('a', RUNNING);
  assert.deepEqual(ledger.standing('a'), { kind: 'running' });
  assert.deepEqual([...ledger.completed('a', result('a'))], ['router']);
  assert.equal(ledger.standing('a').kind, 'done');
  await clock.advance(RUN_REMEMBERED_MS - 1);
  assert.equal(ledger.standing('a').kind, 'done');
  await clock.advance(1);
  assert.equal(ledger.standing('a').kind, 'never-seen');
});

test('of a repeat of an event nothing is known, whatever became of the attempt before', () => {
  const ledger = new InvocationLedger({ clock: new SimulatedClock(), keptResultBytes: 10_000 });
  ledger.started('a', RUNNING);
  assert.equal(ledger.standing('a', 2).kind, 'never-seen');
  ledger.completed('a', result('a'));
  assert.equal(ledger.standing('a', 2).kind, 'never-seen');
  assert.equal(ledger.standing('a', 1).kind, 'done');
});

test('routers stop believing that something was never seen well before it can be forgotten', () => {
  assert.ok(NEVER_SEEN_BELIEVED_MS * 1.1 < RUN_REMEMBERED_MS);
});

test('what is withdrawn was never seen', () => {
  const ledger = new InvocationLedger({ clock: new SimulatedClock(), keptResultBytes: 10_000 });
  ledger.started('a', RUNNING);
  assert.deepEqual([...ledger.withdrawn('a')], ['router']);
  assert.equal(ledger.standing('a').kind, 'never-seen');
});

test('who asks for what runs is answered too, and of many the latest', () => {
  const ledger = new InvocationLedger({ clock: new SimulatedClock(), keptResultBytes: 10_000 });
  ledger.started('a', RUNNING);
  for (const routerId of ['router', 'two', 'three', 'four', 'five', 'six']) ledger.asked('a', routerId);
  assert.deepEqual([...ledger.completed('a', result('a'))], ['three', 'four', 'five', 'six']);
});

test('past its bytes it forgets the oldest, and then no longer swears not to have seen something', async () => {
  const clock = new SimulatedClock();
  const ledger = new InvocationLedger({ clock, keptResultBytes: 10_000 });
  for (const requestId of ['a', 'b', 'c']) {
    ledger.started(requestId, RUNNING);
    ledger.completed(requestId, result(requestId, 4_000));
  }
  assert.equal(ledger.standing('a').kind, 'lost');
  assert.equal(ledger.standing('b').kind, 'done');
  assert.equal(ledger.standing('new').kind, 'lost');
  await clock.advance(RUN_REMEMBERED_MS);
  assert.equal(ledger.standing('new').kind, 'never-seen');
});
