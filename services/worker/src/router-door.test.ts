import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { ConnectRequestSchema } from '@lambent/contracts';
import { SimulatedClock } from '@lambent/core';
import { EmbeddedNetwork } from '@lambent/link';
import { RouterDoor, type RouterEvents } from './router-door.ts';

const hello = (routerId: string) =>
  create(ConnectRequestSchema, { message: { case: 'hello', value: { routerId } } });
const query = create(ConnectRequestSchema, {
  message: { case: 'query', value: { requestIds: ['r1'] } },
});

async function openDoor() {
  const clock = new SimulatedClock();
  const network = new EmbeddedNetwork();
  const heard: string[] = [];
  const events: RouterEvents = {
    left: () => {},
    partTaken: () => {},
    joined: routerId => void heard.push(`joined ${routerId}`),
    invoke: routerId => void heard.push(`invoke ${routerId}`),
    query: (routerId, { requestIds }) => void heard.push(`query ${routerId} ${requestIds}`),
    retire: functionId => void heard.push(`retire ${functionId}`),
  };
  const door = new RouterDoor({ link: network.member('worker'), address: 'worker:1', clock });
  await door.serve(events);
  let closed = 0;
  const connect = () =>
    network.member('router').openWorker('worker:1', {
      message: () => undefined,
      closed: () => {
        closed += 1;
      },
    });
  return { clock, heard, door, connect, closed: () => closed };
}

test('nothing is heard of a stream before its Hello', async () => {
  const { clock, heard, door, connect, closed } = await openDoor();
  await using _door = door;
  const stream = await connect();
  stream.send(query);
  stream.send(hello('one'));
  await clock.advance(0);
  assert.deepEqual(heard, []);
  assert.equal(closed(), 1);
});

test('the second stream of a router closes the first, of which nothing more is heard', async () => {
  const { clock, heard, door, connect, closed } = await openDoor();
  await using _door = door;
  const first = await connect();
  first.send(hello('one'));
  const second = await connect();
  second.send(hello('one'));
  first.send(query);
  second.send(query);
  await clock.advance(0);
  assert.deepEqual(heard, ['joined one', 'joined one', 'query one r1']);
  assert.equal(closed(), 1);
  assert.equal(door.send('one', { case: 'heartbeat', value: {} }), true);
  assert.equal(door.send('two', { case: 'heartbeat', value: {} }), false);
});

test('more streams than a cell has routers are closed when they say Hello', async () => {
  const { clock, heard, door, connect, closed } = await openDoor();
  await using _door = door;
  for (let stream = 0; stream < 65; stream += 1) (await connect()).send(hello(`${stream}`));
  await clock.advance(0);
  assert.equal(heard.length, 64);
  assert.equal(closed(), 1);
});

test('a stream that never says Hello is closed after five heartbeats', async () => {
  const { clock, door, connect, closed } = await openDoor();
  await using _door = door;
  await connect();
  await clock.advance(5_000);
  assert.equal(closed(), 1);
});

test('a closed door closes every stream and leaves no timer', async () => {
  const { clock, door, connect, closed } = await openDoor();
  await connect();
  await door[Symbol.asyncDispose]();
  await clock.advance(0);
  assert.equal(closed(), 1);
  assert.equal(clock.pendingTimers, 0);
});

test('a door that hangs up is left by everybody and opens for nobody', async () => {
  const { clock, heard, door, connect, closed } = await openDoor();
  await using _door = door;
  const before = await connect();
  before.send(hello('one'));
  await clock.advance(0);
  door.hangUp();
  assert.equal(door.send('one', { case: 'heartbeat', value: {} }), false);
  const after = await connect();
  after.send(hello('two'));
  await clock.advance(0);
  assert.deepEqual(heard, ['joined one']);
  assert.equal(closed(), 2);
});
