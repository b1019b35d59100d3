import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, SimulatedClock } from '@lambent/core';
import { createLogger, EXIT_CODES } from '@lambent/daemon';
import type { CommandFailure } from '../command-failure.ts';
import type { PartLife } from './cluster-file.ts';
import { KeptPart } from './kept-part.ts';
import { type PartEnd, PartNotServing, type RunningPart } from './running-part.ts';

const KILLED: PartEnd = { status: null, signal: 'SIGKILL' };
const ended = (status: number): PartEnd => ({ status, signal: null });

/** A part whose starts are answered, and whose lives are ended, by the test. */
function keep() {
  const clock = new SimulatedClock();
  const starts: { serve(): (end: PartEnd) => void; refuse(error: Error): void }[] = [];
  const lives: (PartLife | undefined)[] = [];
  const failures: CommandFailure[] = [];
  let stopped = 0;
  const start = () => {
    const { promise, resolve, reject } = Promise.withResolvers<RunningPart>();
    const pid = starts.length + 1;
    const serve = () => {
      const end = Promise.withResolvers<PartEnd>();
      const stop = async () => {
        stopped += 1;
        end.resolve(ended(EXIT_CODES.ok));
      };
      resolve({ life: { pid }, ended: end.promise, stop });
      return end.resolve;
    };
    starts.push({ serve, refuse: reject });
    return promise;
  };
  const part = new KeptPart({
    id: 'gateway-1',
    start,
    changed: life => lives.push(life),
    failed: error => failures.push(error),
    clock,
    logger: createLogger({ level: 'silent', service: 'test' }),
  });
  const last = () => {
    const found = starts.at(-1);
    assert.ok(found);
    return found;
  };
  return { part, clock, starts, lives, failures, last, stops: () => stopped };
}

test('a part that dies is started again after a second, and each life is told', async () => {
  const { part, clock, starts, lives, last } = keep();
  for (const end of [KILLED, ended(EXIT_CODES.fatal), ended(EXIT_CODES.unavailable), ended(EXIT_CODES.ok)]) {
    const finish = last().serve();
    await part.served;
    await clock.advance(0);
    const before = starts.length;
    finish(end);
    await clock.advance(999);
    assert.equal(starts.length, before);
    await clock.advance(1);
    assert.equal(starts.length, before + 1);
  }
  const pids = lives.map(life => life?.pid);
  assert.deepEqual(pids, [1, undefined, 2, undefined, 3, undefined, 4, undefined]);
});

test('a part that served goes on being started, however often it fails to', async () => {
  const { clock, starts, failures, last } = keep();
  last().serve()(KILLED);
  for (let tries = 0; tries < 20; tries += 1) {
    await clock.advance(1_000);
    last().refuse(new PartNotServing(ended(EXIT_CODES.unavailable)));
  }
  assert.equal(starts.length, 21);
  assert.deepEqual(failures, []);
});

test('a part that never served is given up after its third start, with the reason', async () => {
  const { part, clock, starts, failures, last } = keep();
  const served = assert.rejects(part.served, /gateway-1 did not start, 3 times: etcd did not start: no room/);
  for (let tries = 0; tries < 3; tries += 1) {
    last().refuse(fail('engine-failed', { program: 'etcd', detail: 'no room' }));
    await clock.advance(1_000);
  }
  await served;
  assert.equal(starts.length, 3);
  assert.equal(failures.length, 1);
});

test('what a part says by its exit code that it never will is not asked of it again', async () => {
  for (const status of [EXIT_CODES.configInvalid, EXIT_CODES.usage, EXIT_CODES.cannotConfine]) {
    const { part, clock, starts, failures, last } = keep();
    const served = assert.rejects(part.served, { name: 'CommandFailure', exitCode: status });
    last().refuse(new PartNotServing(ended(status)));
    await served;
    await clock.advance(60_000);
    assert.equal(starts.length, 1);
    assert.match(failures[0]?.message ?? '', /gateway-1 cannot run/);
  }
});

test('disposing stops a part that serves, one that is waited for, and one that starts', async () => {
  const serving = keep();
  serving.last().serve();
  await serving.part.served;
  await serving.part[Symbol.asyncDispose]();
  assert.equal(serving.stops(), 1);

  const waiting = keep();
  waiting.last().serve()(KILLED);
  await waiting.part.served;
  await waiting.clock.advance(500);
  await waiting.part[Symbol.asyncDispose]();
  await waiting.clock.advance(1_000);
  assert.equal(waiting.starts.length, 1);

  const starting = keep();
  const disposed = starting.part[Symbol.asyncDispose]();
  starting.last().serve();
  await disposed;
  assert.equal(starting.stops(), 1);
  assert.equal(starting.lives.at(-1), undefined);
});
