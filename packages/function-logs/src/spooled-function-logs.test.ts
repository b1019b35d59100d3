import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import type { FunctionLogs, ReadOptions } from './function-logs.ts';
import { SpooledFunctionLogs } from './spooled-function-logs.ts';

const GROUP = '/aws/lambda/hello';
let directory: string;
let clock: SimulatedClock;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lambent-logs-'));
  clock = new SimulatedClock();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const open = (maxBytesPerGroup = 1_000_000) =>
  SpooledFunctionLogs.open({ directory, clock, maxBytesPerGroup });

test('records come back in order, each whole, with their stream and time', async () => {
  await using logs = await open();
  const one = logs.openStream({ group: GROUP, stream: 'one' });
  const two = logs.openStream({ group: GROUP, stream: 'two' });
  one.append('first\n');
  await clock.advance(5);
  two.append('line one\nline two\r\n');
  one.append('["forged",1]\n[0,"other","forged"]');
  const startMs = clock.nowMs() - 5;
  assert.deepEqual(await Array.fromAsync(logs.read(GROUP, {})), [
    { group: GROUP, stream: 'one', timestampMs: startMs, message: 'first' },
    { group: GROUP, stream: 'two', timestampMs: startMs + 5, message: 'line one\nline two\r' },
    { group: GROUP, stream: 'one', timestampMs: startMs + 5, message: '["forged",1]\n[0,"other","forged"]' },
  ]);
});

test('what is flushed is there for the next run, and half a line is not', async () => {
  {
    await using logs = await open();
    logs.openStream({ group: GROUP, stream: 's' }).append('kept');
  }
  const [group = ''] = await readdir(directory);
  const [segment = ''] = await readdir(join(directory, group));
  await appendFile(join(directory, group, segment), '[1,"s","cut');
  await using logs = await open();
  logs.openStream({ group: GROUP, stream: 's' }).append('after');
  assert.deepEqual(await messages(logs), ['kept', 'after']);
  assert.deepEqual(await logs.groups(), [GROUP]);
});

test('appending waits for nobody and is written within a quarter of a second', async () => {
  await using logs = await open();
  logs.openStream({ group: GROUP, stream: 's' }).append('soon');
  assert.deepEqual(await readdir(directory), []);
  assert.equal(clock.pendingTimers, 1);
  await clock.advance(250);
  await logs.flush();
  assert.equal((await readdir(directory)).length, 1);
});

test('past the bound the oldest go and a reader is told how many', async () => {
  await using logs = await open(4_000);
  const stream = logs.openStream({ group: GROUP, stream: 's' });
  for (let number = 0; number < 200; number += 1) {
    stream.append(`record ${number} ${'x'.repeat(40)}`);
    if (number % 5 === 0) await logs.flush();
  }
  const [notice = '', ...kept] = await messages(logs);
  const dropped = 200 - kept.length;
  assert.ok(dropped > 0 && kept.length > 10, `${kept.length} kept`);
  assert.match(notice, new RegExp(`\\b${dropped} older log records were dropped`));
  assert.match(kept[0] ?? '', new RegExp(`^record ${dropped} `));
  assert.match(kept.at(-1) ?? '', /^record 199 /);
});

test('what a slow disk cannot take is dropped and counted where it stood', async () => {
  await using logs = await open(4_000);
  const stream = logs.openStream({ group: GROUP, stream: 's' });
  for (let number = 0; number < 100; number += 1) stream.append(`record ${number} ${'x'.repeat(40)}`);
  await logs.flush();
  stream.append('later');
  const found = await messages(logs);
  const notice = found.at(-2) ?? '';
  assert.match(notice, new RegExp(`\\b${100 - (found.length - 2)} older log records`));
  assert.equal(found.at(-1), 'later');
});

test('a reader may ask for the newest, or for those since a time', async () => {
  await using logs = await open();
  const stream = logs.openStream({ group: GROUP, stream: 's' });
  for (let number = 0; number < 10; number += 1) {
    stream.append(String(number));
    await clock.advance(1);
  }
  assert.deepEqual(await messages(logs, { limit: 3 }), ['7', '8', '9']);
  assert.deepEqual(await messages(logs, { sinceMs: clock.nowMs() - 2 }), ['8', '9']);
  assert.deepEqual(await messages(logs, { limit: 0 }), []);
});

test('a follower gets what comes until it is aborted', async () => {
  await using logs = await open();
  const stream = logs.openStream({ group: GROUP, stream: 's' });
  const aborting = new AbortController();
  const reading = logs.read(GROUP, { follow: true, signal: aborting.signal })[Symbol.asyncIterator]();
  const first = reading.next();
  stream.append('one');
  await logs.flush();
  assert.equal((await first).value?.message, 'one');
  const second = reading.next();
  stream.append('two');
  await logs.flush();
  assert.equal((await second).value?.message, 'two');
  const end = reading.next();
  aborting.abort();
  assert.equal((await end).done, true);
});

test('a follower that the bound overtakes is told how many it missed', async () => {
  await using logs = await open(4_000);
  const stream = logs.openStream({ group: GROUP, stream: 's' });
  stream.append('first');
  const reading = logs.read(GROUP, { follow: true })[Symbol.asyncIterator]();
  assert.equal((await reading.next()).value?.message, 'first');
  for (let number = 0; number < 200; number += 1) {
    stream.append(`record ${number} ${'x'.repeat(40)}`);
    if (number % 5 === 0) await logs.flush();
  }
  await logs.flush();
  assert.match((await reading.next()).value?.message, /^\[lambent\] \d+ older log records were dropped/);
});

test('disposing ends those who follow', async () => {
  const logs = await open();
  const reading = logs.read(GROUP, { follow: true })[Symbol.asyncIterator]();
  const next = reading.next();
  await logs[Symbol.asyncDispose]();
  assert.equal((await next).done, true);
});

test('past the bound of groups the one longest not written goes', async () => {
  await using logs = await SpooledFunctionLogs.open({
    directory,
    clock,
    maxBytesPerGroup: 10_000,
    maxGroups: 2,
  });
  for (const group of ['a', 'b', 'c']) {
    logs.openStream({ group, stream: 's' }).append('x');
    await logs.flush();
  }
  assert.deepEqual(await logs.groups(), ['b', 'c']);
  assert.equal((await readdir(directory)).length, 2);
});

test('a failing disk loses records, never the caller', async () => {
  const failures: unknown[] = [];
  await using logs = await SpooledFunctionLogs.open({
    directory,
    clock,
    maxBytesPerGroup: 10_000,
    failed: error => failures.push(error),
  });
  await rm(directory, { recursive: true });
  await appendFile(directory, 'no directory any more');
  const stream = logs.openStream({ group: GROUP, stream: 's' });
  stream.append('lost');
  await logs.flush();
  assert.equal(failures.length, 1);
  await rm(directory);
  stream.append('kept');
  assert.deepEqual(await messages(logs), [
    '[lambent] 1 older log records were dropped: the spool of this group is full',
    'kept',
  ]);
});

async function messages(logs: FunctionLogs, options: ReadOptions = {}): Promise<string[]> {
  return (await Array.fromAsync(logs.read(GROUP, options))).map(record => record.message);
}
