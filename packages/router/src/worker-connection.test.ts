import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  EnvironmentSpecSchema,
  NEVER_SEEN_BELIEVED_MS,
  NotStartedReason,
  OutcomeKind,
} from '@lambent/contracts';
import { isFailure } from '@lambent/core';
import { openStage, SPEC } from './router-stage.ts';

test('a worker frozen for three seconds keeps what it has, gets nothing new, and is believed again afterwards', async () => {
  await using stage = await openStage(['w-1', 'w-2']);
  stage.worker('w-1').vacancies(3);
  stage.worker('w-1').beating = true;
  await stage.settle();
  const kept = stage.invoke('a');
  await stage.settle();
  stage.freeze('w-1');
  await stage.clock.advance(3_000);
  const elsewhere = stage.invoke('b');
  const waiting = stage.invoke('c');
  stage.worker('w-2').vacancies(1);
  await stage.settle();
  assert.deepEqual(stage.worker('w-2').invoked, ['b']);
  stage.thaw('w-1');
  await stage.clock.advance(1);
  assert.deepEqual(stage.worker('w-1').invoked, ['a', 'c']);
  assert.equal(stage.worker('w-1').streams, 1);
  stage.worker('w-1').answer('a', '1');
  stage.worker('w-2').answer('b', '2');
  stage.worker('w-1').answer('c', '3');
  await Promise.all([kept, elsewhere, waiting]);
});

test('a worker that comes back at another address in the same life is asked there for what it has', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const running = stage.invoke('a');
  await stage.settle();
  await stage.move('w-1', 'elsewhere');
  stage.router.setFleet([{ workerId: 'w-1', address: 'elsewhere' }]);
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').queried, ['a']);
  stage.worker('w-1').standing({ running: ['a'], neverSeen: [] });
  stage.worker('w-1').answer('a', '1');
  await running;
});

test('that a worker never saw something is believed only as long as it would remember it', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').beating = true;
  stage.worker('w-1').vacancies(2);
  await stage.settle();
  const spec = create(EnvironmentSpecSchema, { ...SPEC, timeoutMs: 900_000 });
  const old = assert.rejects(stage.invoke('old', { spec }), error => isFailure(error, 'outcome-unknown'));
  await stage.clock.advance(1_000);
  const young = stage.invoke('young', { spec });
  await stage.clock.advance(NEVER_SEEN_BELIEVED_MS - 1_000);
  stage.worker('w-1').breakStream();
  await stage.clock.advance(200);
  stage.worker('w-1').standing({ running: [], neverSeen: ['old', 'young'] });
  await stage.settle();
  await old;
  stage.worker('w-1').vacancies(2);
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').invoked, ['old', 'young', 'young']);
  stage.worker('w-1').answer('young', '1');
  await young;
});

test('what was sent after the question is not what the answer is about', async () => {
  await using stage = await openStage(['w-1', 'w-2']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const running = stage.invoke('a');
  await stage.settle();
  stage.worker('w-1').breakStream();
  await stage.clock.advance(200);
  assert.deepEqual(stage.worker('w-1').queried, ['a']);
  // On its way before the question came, as is the answer to the question now.
  stage.worker('w-1').refuse('a', NotStartedReason.BUSY);
  stage.worker('w-1').offer();
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').invoked, ['a', 'a']);
  stage.worker('w-1').standing({ running: [], neverSeen: ['a'] });
  stage.worker('w-2').vacancies(1);
  await stage.settle();
  assert.deepEqual(stage.worker('w-2').invoked, []);
  stage.worker('w-1').answer('a', '1');
  await running;
});

test('of a run that its worker cut off nobody knows how far it came', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const cutOff = assert.rejects(stage.invoke('a'), error => isFailure(error, 'outcome-unknown'));
  await stage.settle();
  const value = { requestId: 'a', outcome: OutcomeKind.CUT_OFF, payload: Buffer.from('killed') };
  stage.worker('w-1').say({ case: 'result', value });
  await cutOff;
});

test('a worker that comes back in another life at another address has lost what it had', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const lost = assert.rejects(stage.invoke('a'), error => isFailure(error, 'outcome-unknown'));
  await stage.settle();
  await stage.move('w-1', 'elsewhere', 'second');
  stage.router.setFleet([{ workerId: 'w-1', address: 'elsewhere', incarnation: 'second' }]);
  await stage.settle();
  await lost;
  stage.worker('w-1').vacancies(1);
  const next = stage.invoke('b');
  await stage.settle();
  stage.worker('w-1').answer('b', '1');
  await next;
});

test('a new life at the same address is met at once, and one that was met already costs no stream', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').incarnation = 'second';
  stage.router.setFleet([{ workerId: 'w-1', address: 'w-1', incarnation: 'second' }]);
  await stage.settle();
  assert.equal(stage.worker('w-1').streams, 2);
  stage.worker('w-1').incarnation = 'third';
  stage.worker('w-1').breakStream();
  await stage.clock.advance(100);
  assert.equal(stage.worker('w-1').streams, 3);
  stage.router.setFleet([{ workerId: 'w-1', address: 'w-1', incarnation: 'third' }]);
  await stage.settle();
  assert.equal(stage.worker('w-1').streams, 3);
});

test('a worker that leaves the fleet still answers what it was sent', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(2);
  await stage.settle();
  const running = stage.invoke('a');
  await stage.settle();
  stage.router.setFleet([]);
  const waiting = stage.invoke('b');
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').invoked, ['a']);
  stage.worker('w-1').answer('a', '1');
  await running;
  await stage.settle();
  assert.equal(stage.worker('w-1').streamsClosed, 1);
  stage.router.setFleet([{ workerId: 'w-1', address: 'w-1' }]);
  await stage.settle();
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  stage.worker('w-1').answer('b', '2');
  await waiting;
});

test('what a worker had that left the fleet and is gone has an unknown outcome', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const lost = assert.rejects(stage.invoke('a'), error => isFailure(error, 'outcome-unknown'));
  await stage.settle();
  stage.router.setFleet([]);
  stage.worker('w-1').breakStream();
  await stage.settle();
  await lost;
});

test('what a worker had whose process has ended has an unknown outcome long before it is due', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const spec = create(EnvironmentSpecSchema, { ...SPEC, timeoutMs: 900_000 });
  const lost = assert.rejects(stage.invoke('a', { spec }), error => isFailure(error, 'outcome-unknown'));
  await stage.settle();
  await stage.end('w-1');
  await stage.clock.advance(100);
  await lost;
});

test('another worker that answers at the address of one is not taken for it', async () => {
  await using stage = await openStage(['w-1', 'w-2']);
  stage.router.setFleet([{ workerId: 'w-1', address: 'w-2' }]);
  await stage.settle();
  stage.worker('w-2').vacancies(1);
  void stage.invoke('a').catch(() => undefined);
  await stage.clock.advance(5_000);
  assert.deepEqual(stage.worker('w-2').invoked, []);
});

test('a response comes in parts, and the worker is told as they are taken', async () => {
  await using stage = await openStage(['w-1']);
  const worker = stage.worker('w-1');
  worker.vacancies(1);
  await stage.settle();
  const read: string[] = [];
  const slow = Promise.withResolvers<void>();
  const sink = {
    begin: (contentType: string) => void read.push(contentType),
    part: (bytes: Uint8Array) => (read.push(Buffer.from(bytes).toString()) === 3 ? slow.promise : undefined),
  };
  const response = stage.invoke('a', { sink });
  await stage.settle();
  worker.part('a', '', 'text/plain');
  worker.part('a', 'one');
  worker.part('a', 'two');
  await stage.settle();
  assert.deepEqual(read, ['text/plain', 'one', 'two']);
  assert.equal(worker.takenBytes, 3);
  slow.resolve();
  await stage.settle();
  assert.equal(worker.takenBytes, 6);
  worker.answer('a', '', 6);
  assert.equal((await response).outcome.kind, 'ok');
});

test('of a response of which parts are missing the outcome is unknown', async () => {
  await using stage = await openStage(['w-1']);
  const worker = stage.worker('w-1');
  worker.vacancies(2);
  await stage.settle();
  const sink = { begin: () => {}, part: () => undefined };
  const unknown = (error: unknown) => isFailure(error, 'outcome-unknown');
  const shortened = assert.rejects(stage.invoke('a', { sink }), unknown);
  const broken = assert.rejects(stage.invoke('b', { sink }), unknown);
  await stage.settle();
  worker.part('b', 'one');
  await stage.settle();
  worker.answer('a', '', 6);
  worker.breakStream();
  await stage.settle();
  await Promise.all([shortened, broken]);
});

test('parts that nobody waits for are taken', async () => {
  await using stage = await openStage(['w-1']);
  const worker = stage.worker('w-1');
  worker.part('gone', 'one');
  await stage.settle();
  assert.equal(worker.takenBytes, 3);
});
