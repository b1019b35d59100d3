import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '@lambent/core';
import { waitFor } from '@lambent/testing';
import { Cgroup } from './cgroup.ts';

const FREEZER_OF_1 = '/sys/fs/cgroup/freezer';

test('where only version 1 freezes a process stands still, and dies when it is killed', async context => {
  if (!existsSync(FREEZER_OF_1)) return context.skip('no version 1 freezer here');
  const directory = path.join(FREEZER_OF_1, `lambent-test-${process.pid}`);
  const limits = { memoryBytes: 0, processesMax: 0 };
  const place = { version: 1, directory, controllers: ['freezer'] } as const;
  const cgroup = await Cgroup.create([place], limits, new SystemClock());
  const sleeper = spawn('/bin/sleep', ['1009']);
  const exited = once(sleeper, 'exit');
  for (const file of cgroup.joinFiles) writeFileSync(file, String(sleeper.pid));
  const state = () => readFileSync(path.join(directory, 'freezer.state'), 'utf8').trim();
  cgroup.freeze();
  await waitFor('it stands still', () => state() === 'FROZEN');
  cgroup.thaw();
  assert.equal(state(), 'THAWED');
  cgroup.freeze();
  cgroup.kill();
  assert.deepEqual(await exited, [null, 'SIGKILL']);
  await cgroup.remove();
  assert.equal(existsSync(directory), false);
});
