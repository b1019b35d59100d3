import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { isFailure, SystemClock } from '@lambent/core';
import { waitFor } from '@lambent/testing';
import { EngineProcess } from './engine-process.ts';

const clock = new SystemClock();

test('an engine that ends before it is ready is a failure that tells its last words', async () => {
  const args = ['-c', 'echo the disk is full >&2; exit 3'];
  await using engine = new EngineProcess({ program: '/bin/sh', args, cwd: '/', clock });
  await assert.rejects(
    engine.ready(async () => false),
    error => isFailure(error, 'engine-failed') && /ended with 3\nthe disk is full/.test(error.message),
  );
  assert.deepEqual(await engine.stop(), { status: 3, signal: null });
});

test('of an engine that panics its reason is told, and not the stacks below it', async () => {
  const stacks = Array.from({ length: 30 }, (_, n) => `main.f${n}()`).join('\n');
  const printed = `starting\npanic: no space left on device\n\ngoroutine 1 [running]:\n${stacks}\n`;
  await using engine = new EngineProcess({
    program: '/bin/sh',
    args: ['-c', 'printf %s "$0" >&2; exit 2', printed],
    cwd: '/',
    clock,
  });
  await assert.rejects(
    engine.ready(async () => false),
    /ended with 2\nstarting\npanic: no space left on device$/,
  );
});

test('an engine that is not there is a failure', async () => {
  await using engine = new EngineProcess({ program: '/nonexistent/etcd', args: [], cwd: '/', clock });
  await assert.rejects(
    engine.ready(async () => false),
    error => isFailure(error, 'engine-failed'),
  );
});

test('an engine ends with the process that started it, even one that was killed', async () => {
  const module = new URL('./engine-process.ts', import.meta.url).href;
  const script = `
    const { EngineProcess } = await import(${JSON.stringify(module)});
    const { SystemClock } = await import('@lambent/core');
    const clock = new SystemClock();
    const engine = new EngineProcess({ program: '/bin/sleep', args: ['60'], cwd: '/', clock });
    console.log(engine.pid);
    await engine.exited;`;
  const args = ['--input-type=module', '--eval', script];
  const parent = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout.setEncoding('utf8'), 'data')) as [string];
  assert.equal(isAlive(Number(line)), true);
  parent.kill('SIGKILL');
  await waitFor('the end of the engine', () => !isAlive(Number(line)));
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // Nobody has this number any more.
    return false;
  }
}
