import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { functionLogsContract } from '@lambent/testing';
import type { FunctionLogs } from './function-logs.ts';
import { SpooledFunctionLogs } from './spooled-function-logs.ts';

const GROUP = '/aws/lambda/hello';
let directory: string;
let clock: SimulatedClock;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lambent-logs-'));
  clock = new SimulatedClock();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

functionLogsContract('SpooledFunctionLogs', async ({ small }) => {
  const spool = await mkdtemp(join(tmpdir(), 'lambent-logs-'));
  const time = new SimulatedClock();
  const options = { directory: spool, clock: time, maxBytesPerGroup: small ? 4_000 : 1_000_000 };
  let logs = await SpooledFunctionLogs.open(options);
  return {
    get logs() {
      return logs;
    },
    nowMs: () => time.nowMs(),
    pass: ms => time.advance(ms),
    async reopen() {
      await logs[Symbol.asyncDispose]();
      logs = await SpooledFunctionLogs.open(options);
    },
    async [Symbol.asyncDispose]() {
      await logs[Symbol.asyncDispose]();
      await rm(spool, { recursive: true, force: true });
    },
  };
});

const open = (maxBytesPerGroup = 1_000_000) =>
  SpooledFunctionLogs.open({ directory, clock, maxBytesPerGroup });

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
    '[lambent] 1 older log records were dropped: there was no room for them',
    'kept',
  ]);
});

async function messages(logs: FunctionLogs): Promise<string[]> {
  return (await Array.fromAsync(logs.read(GROUP, {}))).map(record => record.message);
}
