import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { cpuUsOf } from './cpu.ts';

describe('CPU accounting', () => {
  test('counts a process that works', () => {
    const beforeUs = cpuUsOf(process.pid);
    const cpu = process.cpuUsage();
    const spent = () => process.cpuUsage(cpu).user + process.cpuUsage(cpu).system;
    while (spent() < 100_000) Math.sqrt(2);
    assert.ok(cpuUsOf(process.pid) - beforeUs >= 60_000);
  });

  test('counts what a process has started', async () => {
    const program =
      'for (const end = performance.now() + 300; performance.now() < end; ); process.send("done")';
    const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    const beforeUs = cpuUsOf(process.pid);
    await once(child, 'message');
    const usedUs = cpuUsOf(process.pid) - beforeUs;
    child.kill();
    await once(child, 'exit');
    assert.ok(usedUs > 0);
  });

  test('counts nothing of a process that is not there', () => {
    assert.equal(cpuUsOf(2 ** 30), 0);
  });
});
