import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { Footprint } from './footprint.ts';
import { waitFor } from './wait-for.ts';

const onLinux = { skip: process.platform !== 'linux' && 'reads /proc' };

test('a footprint covers the descendants and tells when they are gone', onLinux, async context => {
  // A shell with two children, all ended by the end of their standard input.
  const script = 'exec 3<&0; cat <&3 & cat <&3 & wait';
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'] });
  context.after(() => child.stdin.destroy());
  const pid = child.pid;
  assert.ok(pid);
  const footprint = await waitFor('three processes', async () => {
    const taken = await Footprint.of(pid, '/nowhere/at/all');
    return taken.processes === 3 && taken;
  });
  assert.equal((await footprint.remaining()).length, 3);
  const ended = once(child, 'exit');
  child.stdin.end();
  await ended;
  await waitFor('the end of all', async () => (await footprint.remaining()).length === 0);
});
