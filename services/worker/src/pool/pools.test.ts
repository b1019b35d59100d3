import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import type { Runtime } from '@lambent/runtimes';
import { waitFor } from '@lambent/testing';
import { MemoryBudget } from '../memory-budget.ts';
import { RUNTIME, type ScriptedProgram, ScriptedSandboxes } from '../scripted-runtime.ts';
import { type PoolAnswer, Pools, type PoolsOptions } from './pools.ts';

const PERIOD_MS = 300_000;
const FILL_PAUSE_MS = 100;
const WAITING_MB = 42;

class Stage implements AsyncDisposable {
  readonly clock = new SimulatedClock();
  readonly memory: MemoryBudget;
  readonly sandboxes: ScriptedSandboxes;
  readonly pools: Pools;
  readonly answers: PoolAnswer[] = [];

  constructor({ memoryMb = 4_096, lateMounts = true, ...options }: StageOptions = {}) {
    this.memory = new MemoryBudget(memoryMb);
    this.sandboxes = new ScriptedSandboxes({}, { lateMounts });
    this.pools = new Pools({
      sandboxes: this.sandboxes,
      memory: this.memory,
      poolMin: 1,
      poolMax: 3,
      poolMemoryMb: 1_024,
      clock: this.clock,
      random: new SeededRandom(1),
      logger: createLogger({ level: 'silent', service: 'pools' }),
      ...options,
    });
  }

  async take({ runtime = RUNTIME, memoryMb = 256, environment = {} }: WishOptions = {}) {
    const mounts = { '/var/task': '/code/digest' };
    const size = { memoryMb, ephemeralStorageMb: 512 };
    const wish = { runtime, environment, mounts, doorways: {}, ...size, whole: Promise.resolve() };
    const taken = await this.pools.take(wish, answer => this.answers.push(answer));
    return taken as ScriptedProgram | undefined;
  }

  async waiting(count: number): Promise<void> {
    await waitFor(`${count} that wait`, async () => {
      await this.clock.advance(FILL_PAUSE_MS);
      return this.pools.waiting === count;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pools[Symbol.asyncDispose]();
    assert.equal(this.memory.freeMb, this.memory.totalMb);
  }
}

type StageOptions = Partial<PoolsOptions> & { readonly memoryMb?: number; readonly lateMounts?: boolean };
interface WishOptions {
  readonly runtime?: Runtime;
  readonly memoryMb?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

test('the first start of a kind finds none, the next one is given what waits', async () => {
  await using stage = new Stage();
  assert.equal(await stage.take(), undefined);
  await stage.waiting(2);
  const given = await stage.take({ environment: { OWN: 'value' } });
  assert.deepEqual(given?.equipment?.mounts, { '/var/task': '/code/digest' });
  assert.equal(given?.equipment?.memoryMb, 256);
  assert.match(String(given?.channel.read()), /\{"environment":\{"OWN":"value"\}\}/);
  await stage.waiting(2);
  assert.deepEqual(stage.answers, ['empty', 'given']);
});

test('what waits knows nothing of any function', async () => {
  await using stage = new Stage();
  await stage.take({ environment: { SECRET: 'value' } });
  await stage.waiting(2);
  for (const { environment, mounts, lateMounts } of stage.sandboxes.plans) {
    assert.deepEqual(environment, { ...RUNTIME.variables, LAMBENT_AHEAD: '1' });
    assert.deepEqual(mounts, RUNTIME.mounts);
    assert.deepEqual(lateMounts, ['/var/task', '/opt', '/var/compiled']);
  }
});

test('a program started with something else is another kind', async () => {
  await using stage = new Stage();
  const runtime: Runtime = { ...RUNTIME, command: ({ memoryMb }) => ['/bin/node', `--heap=${memoryMb}`] };
  await stage.take({ runtime, memoryMb: 256 });
  await stage.waiting(2);
  assert.equal(await stage.take({ runtime, memoryMb: 512 }), undefined);
  assert.ok(await stage.take({ runtime, memoryMb: 256 }));
});

test('a function that sets what acts only at the start is not given one', async () => {
  await using stage = new Stage();
  const runtime: Runtime = { ...RUNTIME, startVariables: [{ names: /^NODE_OPTIONS$/, reason: 'test' }] };
  await stage.take({ runtime, environment: { NODE_OPTIONS: '--inspect' } });
  assert.deepEqual(stage.answers, ['unfit']);
  assert.equal(stage.sandboxes.plans.length, 0);
});

test('where nothing can be mounted late, or none may wait, nothing is started ahead', async () => {
  for (const options of [{ lateMounts: false }, { poolMax: 0 }]) {
    await using stage = new Stage(options);
    assert.equal(await stage.take(), undefined);
    assert.deepEqual(stage.answers, ['off']);
  }
});

test('what was not needed for a period goes, down to the least, and all when the kind is not used any more', async () => {
  await using stage = new Stage();
  for (let start = 0; start < 3; start += 1) await stage.take();
  await stage.waiting(3);
  await stage.clock.advance(PERIOD_MS);
  await stage.clock.advance(PERIOD_MS);
  await stage.waiting(1);
  await stage.clock.advance(12 * PERIOD_MS);
  await stage.waiting(0);
});

test('one that ends by itself is replaced by the next start’s', async () => {
  await using stage = new Stage({ poolMax: 1 });
  await stage.take();
  await stage.waiting(1);
  stage.sandboxes.programs[0]?.exit({ status: 1, outOfMemory: false });
  await stage.waiting(0);
  assert.equal(await stage.take(), undefined);
  await stage.waiting(1);
});

test('one that cannot be given is ended, and the start goes the long way', async () => {
  await using stage = new Stage({ poolMax: 1 });
  await stage.take();
  await stage.waiting(1);
  stage.sandboxes.broken = true;
  assert.equal(await stage.take(), undefined);
  assert.ok(stage.sandboxes.programs[0]?.removed);
});

test('a kind that cannot be started ahead is left alone for a while', async () => {
  await using stage = new Stage();
  stage.sandboxes.broken = true;
  await stage.take();
  await stage.clock.advance(FILL_PAUSE_MS);
  stage.sandboxes.broken = false;
  await stage.take();
  await stage.clock.advance(FILL_PAUSE_MS);
  assert.equal(stage.sandboxes.plans.length, 0);
  await stage.clock.advance(30_000);
  await stage.take();
  await stage.waiting(3);
});

test('those that wait hold what they use of the memory, never more than their share', async () => {
  await using stage = new Stage({ poolMemoryMb: 128 + WAITING_MB });
  for (let start = 0; start < 3; start += 1) await stage.take();
  await stage.waiting(2);
  assert.equal(stage.memory.freeMb, 4_096 - 2 * WAITING_MB);
});

test('memory that is needed is given back before this resolves', async () => {
  await using stage = new Stage({ memoryMb: 256 });
  await stage.take();
  await stage.waiting(2);
  assert.equal(stage.pools.memoryMb, 2 * WAITING_MB);
  await stage.pools.yield(200 - stage.memory.freeMb);
  assert.deepEqual([stage.pools.waiting, stage.memory.freeMb], [1, 256 - WAITING_MB]);
  await stage.pools.yield(256 - stage.memory.freeMb);
  using all = stage.memory.take(256);
  assert.ok(all);
});
