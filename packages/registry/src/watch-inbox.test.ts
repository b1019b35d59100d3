import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import type { IWatchResponse } from 'etcd3';
import { WatchInbox } from './watch-inbox.ts';

const EVENTS_MAX = 4;

function response(events: number, valueBytes = 1): IWatchResponse {
  const kv = { key: Buffer.from('k'), value: Buffer.alloc(valueBytes) };
  return { events: Array.from({ length: events }, () => ({ kv })) } as unknown as IWatchResponse;
}

test('what was put is taken in its order, at once or when it comes', async () => {
  const inbox = new WatchInbox({ name: 'w', eventsMax: EVENTS_MAX });
  const [first, second] = [response(1), response(1)];
  const taken = inbox.take();
  inbox.put(first);
  assert.equal(await taken, first);
  inbox.put(second);
  assert.equal(await inbox.take(), second);
});

test('a reader that is too slow is told so, after what it has', async () => {
  const inbox = new WatchInbox({ name: 'w', eventsMax: EVENTS_MAX });
  for (let put = 0; put <= EVENTS_MAX; put++) inbox.put(response(1));
  for (let taken = 0; taken < EVENTS_MAX; taken++) assert.notEqual(await inbox.take(), undefined);
  await assert.rejects(inbox.take(), error => isFailure(error, 'queue-full'));
});

test('large values fill it as well as many events', async () => {
  const inbox = new WatchInbox({ name: 'w', eventsMax: EVENTS_MAX });
  for (let put = 0; put < 2; put++) inbox.put(response(1, 20 * 1_024 ** 2));
  await inbox.take();
  await assert.rejects(inbox.take(), error => isFailure(error, 'queue-full'));
});

test('a reader that keeps up may be sent anything', async () => {
  const inbox = new WatchInbox({ name: 'w', eventsMax: EVENTS_MAX });
  for (let round = 0; round < 3; round++) {
    inbox.put(response(3 * EVENTS_MAX));
    assert.notEqual(await inbox.take(), undefined);
  }
});

test('it ends once, with the first cause, and nothing is put into it after that', async () => {
  const inbox = new WatchInbox({ name: 'w', eventsMax: EVENTS_MAX });
  const taken = inbox.take();
  inbox.end(new Error('broke'));
  inbox.end();
  inbox.put(response(1));
  await assert.rejects(taken, /broke/);
  await assert.rejects(inbox.take(), /broke/);
  const quiet = new WatchInbox({ name: 'w', eventsMax: EVENTS_MAX });
  quiet.end();
  assert.equal(await quiet.take(), undefined);
});
