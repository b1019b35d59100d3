import { test } from 'node:test';
import { Doorbell } from './doorbell.ts';

const { signal: never } = new AbortController();

test('a ring wakes everybody who waits', async () => {
  const bell = new Doorbell();
  const waiting = [bell.next(bell.rings, never), bell.next(bell.rings, never)];
  bell.ring();
  await Promise.all(waiting);
});

test('a ring between the look and the wait is not missed', async () => {
  const bell = new Doorbell();
  const { rings } = bell;
  bell.ring();
  await bell.next(rings, never);
});

test('an aborted wait ends without a ring', async () => {
  const bell = new Doorbell();
  const waiting = new AbortController();
  const woken = bell.next(bell.rings, waiting.signal);
  waiting.abort();
  await woken;
  await bell.next(bell.rings, waiting.signal);
});
