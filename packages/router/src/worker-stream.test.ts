import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { type ConnectRequest, type ConnectResponse, ConnectResponseSchema } from '@lambent/contracts';
import { fail, SeededRandom, SimulatedClock } from '@lambent/core';
import type { Link, Stream, StreamEvents } from '@lambent/link';
import { WorkerStream } from './worker-stream.ts';

test('a stream that breaks is opened again within a tenth of a second, and less often while that fails', async () => {
  const stage = openStage();
  await stage.answer();
  stage.attempts[0]?.events.closed('cut');
  assert.deepEqual(stage.heard, ['opened', 'broken']);
  await stage.clock.advance(100);
  assert.equal(stage.attempts.length, 2);
  for (let minute = 0; minute < 60; minute++) {
    stage.attempts.at(-1)?.reject();
    await stage.clock.advance(1_000);
  }
  assert.ok(stage.attempts.length > 60 && stage.attempts.length < 130, `${stage.attempts.length} tries`);
});

test('that nobody listens is told, that there is no way is not, and of a try that was given up neither', async () => {
  const stage = openStage();
  stage.attempts[0]?.reject();
  await stage.clock.advance(100);
  assert.deepEqual(stage.heard, []);
  stage.attempts[1]?.reject('peer-absent');
  await stage.clock.advance(0);
  assert.deepEqual(stage.heard, ['absent']);
  await stage.clock.advance(200);
  stage.stream.reopen('there');
  stage.attempts[2]?.reject('peer-absent');
  await stage.answer();
  assert.deepEqual(stage.heard, ['absent', 'opened']);
});

test('one try is under way at a time; one that never ends is given up, and closed when it opens after all', async () => {
  const stage = openStage();
  await stage.clock.advance(2_900);
  assert.equal(stage.attempts.length, 1);
  await stage.clock.advance(300);
  assert.equal(stage.attempts.length, 2);
  stage.attempts[0]?.resolve();
  await stage.answer();
  assert.deepEqual([stage.attempts[0]?.closed, stage.attempts[1]?.closed], [1, 0]);
  stage.attempts[0]?.say();
  stage.attempts[0]?.events.closed('late');
  assert.deepEqual(stage.heard, ['opened']);
  assert.equal(stage.stream.open, true);
});

test('a stream that opens after it was disposed of is closed', async () => {
  const stage = openStage();
  stage.stream[Symbol.dispose]();
  await stage.answer();
  assert.equal(stage.attempts[0]?.closed, 1);
  assert.deepEqual([stage.heard, stage.clock.pendingTimers], [[], 0]);
});

test('a stream that closes before it is said to be open is tried again', async () => {
  const stage = openStage();
  stage.attempts[0]?.events.closed('at once');
  await stage.answer();
  assert.deepEqual([stage.attempts[0]?.closed, stage.heard], [1, []]);
  await stage.clock.advance(100);
  assert.equal(stage.attempts.length, 2);
});

test('an open stream that says nothing is unhealthy after two beats and given up after five', async () => {
  const stage = openStage();
  await stage.answer();
  await stage.clock.advance(2_400);
  assert.equal(stage.stream.healthy, true);
  await stage.clock.advance(200);
  assert.equal(stage.stream.healthy, false);
  stage.attempts[0]?.say();
  assert.deepEqual([stage.stream.healthy, stage.heard], [true, ['opened', 'message', 'recovered']]);
  await stage.clock.advance(6_000);
  assert.equal(stage.attempts[0]?.closed, 1);
  assert.equal(stage.attempts.length, 2);
});

test('another address is tried at once, whatever became of the present one', async () => {
  const stage = openStage();
  stage.stream.reopen('there');
  await stage.answer();
  stage.attempts[0]?.resolve();
  await stage.clock.advance(0);
  assert.deepEqual(
    stage.attempts.map(({ address, closed }) => ({ address, closed })),
    [
      { address: 'here', closed: 1 },
      { address: 'there', closed: 0 },
    ],
  );
  stage.stream.reopen('back');
  assert.deepEqual(stage.heard, ['opened', 'broken']);
  assert.equal(stage.attempts[2]?.address, 'back');
});

/** A link whose streams open when the test says so. */
function openStage() {
  const clock = new SimulatedClock();
  const attempts: Attempt[] = [];
  const heard: string[] = [];
  const link: Pick<Link, 'openWorker'> = {
    openWorker: (address, events) => {
      const attempt = new Attempt(address, events);
      attempts.push(attempt);
      return attempt.opening.promise;
    },
  };
  const stream = new WorkerStream({
    address: 'here',
    link: link as Link,
    clock,
    random: new SeededRandom(1),
    events: {
      opened: () => heard.push('opened'),
      message: () => heard.push('message'),
      recovered: () => heard.push('recovered'),
      broken: () => heard.push('broken'),
      absent: () => heard.push('absent'),
    },
  });
  const answer = () => {
    attempts.at(-1)?.resolve();
    return clock.advance(0);
  };
  return { clock, attempts, heard, stream, answer };
}

class Attempt {
  readonly opening = Promise.withResolvers<Stream<ConnectRequest>>();
  closed = 0;
  readonly address: string;
  readonly events: StreamEvents<ConnectResponse>;

  constructor(address: string, events: StreamEvents<ConnectResponse>) {
    this.address = address;
    this.events = events;
  }

  resolve(): void {
    this.opening.resolve({ send: () => undefined, close: () => void this.closed++ });
  }

  reject(reason: 'link-broken' | 'peer-absent' = 'link-broken'): void {
    this.opening.reject(fail(reason, { peer: this.address, detail: 'refused' }));
  }

  say(): void {
    this.events.message(create(ConnectResponseSchema, { message: { case: 'heartbeat', value: {} } }));
  }
}
