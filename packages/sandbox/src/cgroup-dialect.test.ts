import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOutOfMemoryKills, dialectOf, MAKING_WAY } from './cgroup-dialect.ts';

const limits = { memoryBytes: 1_000, processesMax: 10 };
const said = (version: 1 | 2, controller: 'memory' | 'cpu' | 'pids') =>
  dialectOf(version)
    .limits(controller, limits)
    .map(({ file, value }) => `${file}=${value}`);

test('both versions bound memory together with swap', () => {
  assert.deepEqual(said(1, 'memory'), ['memory.limit_in_bytes=1000', 'memory.memsw.limit_in_bytes=1000']);
  assert.deepEqual(said(2, 'memory'), ['memory.max=1000', 'memory.swap.max=0', 'memory.oom.group=1']);
});

test('both versions bound processes by the same file', () => {
  for (const version of [1, 2] as const) assert.deepEqual(said(version, 'pids'), ['pids.max=10']);
});

test('a share of the processor is a quota per period, never less than the kernel takes', () => {
  const [v1, v2] = [dialectOf(1), dialectOf(2)];
  assert.deepEqual(v1.cpu(1_500), { file: 'cpu.cfs_quota_us', value: '150000' });
  assert.deepEqual(v1.cpu(1), { file: 'cpu.cfs_quota_us', value: '1000' });
  assert.deepEqual(v1.cpu(0), { file: 'cpu.cfs_quota_us', value: '-1' });
  assert.deepEqual(v2.cpu(250), { file: 'cpu.max', value: '25000 100000' });
  assert.deepEqual(v2.cpu(0), { file: 'cpu.max', value: 'max 100000' });
});

test('those inside are let die by no more forks, no bound on the processor and no freezing, in the words of both versions', () => {
  assert.deepEqual(
    MAKING_WAY.map(({ file, value }) => `${file}=${value}`),
    [
      'pids.max=0',
      'cpu.cfs_quota_us=-1',
      'cpu.shares=1024',
      'freezer.state=THAWED',
      'cpu.max=max 100000',
      'cpu.weight=100',
      'cgroup.freeze=0',
    ],
  );
});

test('kills for memory are counted from the files of both versions', () => {
  assert.equal(countOutOfMemoryKills('oom_kill_disable 0\nunder_oom 0\noom_kill 2\n'), 2);
  assert.equal(countOutOfMemoryKills('low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\noom_group_kill 1\n'), 1);
  assert.equal(countOutOfMemoryKills('max 7\n'), 0);
});
