import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { cgroupsBelow, pssKb, pssOf, treeOf } from './resident.ts';

const LINUX = process.platform === 'linux';

describe('resident memory', () => {
  test('is the proportional set size, not one of its parts', () => {
    assert.equal(pssOf('Rss:   900 kB\nPss:                 1234 kB\nPss_Anon:  77 kB\n'), 1234);
    assert.equal(pssOf(''), 0);
  });

  test('counts a process and what it has started', { skip: !LINUX }, async () => {
    const child = spawn('sh', ['-c', 'sleep 60 & echo started; wait'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const tree = treeOf(child.pid ?? 0);
    try {
      assert.equal(tree.length, 2);
      assert.equal(tree[0], child.pid);
      assert.ok(pssKb(tree) > 0);
      assert.equal(cgroupsBelow(child.pid ?? 0).size, 0);
    } finally {
      for (const pid of tree) process.kill(pid, 'SIGKILL');
    }
  });
});
