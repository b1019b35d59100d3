import assert from 'node:assert/strict';
import { readdir, readFile, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { isFailure, SystemClock } from '@lambent/core';
import { Footprint, waitFor } from '@lambent/testing';
import type { SandboxesOptions } from './open-sandboxes.ts';
import {
  cgroupsOf,
  codeDirectory,
  countProcesses,
  FORK_BOMB,
  node,
  python,
  SandboxesUnderTest,
} from './sandboxes-under-test.ts';

/** What every way of starting sandboxes promises. */
const WAYS: Readonly<Record<string, Partial<SandboxesOptions>>> = {
  bubblewrap: {},
  plain: { bubblewrap: '/nowhere/bwrap', wanted: 'as-far-as-possible' },
};

const clock = new SystemClock();
/** What invariant 6 of the design allows for everything to be gone. */
const GONE_WITHIN_MS = 5_000;

for (const [way, options] of Object.entries(WAYS)) {
  suite(`${way}: a sandbox`, () => {
    test('runs the program with its arguments and tells its output and status', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const ran = await under.run(['/bin/sh', '-c', 'echo "$0"; echo oops >&2; exit 3', "it's"]);
      assert.deepEqual(ran, { stdout: "it's\n", stderr: 'oops\n', exit: { status: 3, outOfMemory: false } });
    });

    test('tells the signal that ended the program', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const { exit } = await under.run(['/bin/sh', '-c', 'kill -TERM $$']);
      assert.deepEqual(exit, { signal: 'SIGTERM', outOfMemory: false });
    });

    test('gives the program the environment of the plan and nothing else', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const environment = { LD_PRELOAD: '/nowhere.so', QUOTED: `a'b"c\n$(id) \\`, _HANDLER: 'index.handler' };
      const { stdout } = await under.run(node('console.log(JSON.stringify(process.env))'), { environment });
      assert.deepEqual(JSON.parse(stdout), { ...environment, LAMBENT_DOORWAYS: '' });
    });

    test('shows the code at /var/task, which is where the program starts', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await using code = await codeDirectory({ 'hello.txt': 'hello' });
      const plan = { mounts: { '/var/task': code.path }, environment: { CODE: '/var/task/hello.txt' } };
      const { stdout } = await under.run(
        ['/bin/sh', '-c', 'cat hello.txt "$CODE" /var/task/hello.txt'],
        plan,
      );
      assert.equal(stdout, 'hellohellohello');
    });

    test('has a channel of its own both ways', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await using sandbox = await under.start(['/bin/sh', '-c', 'read line <&4; echo "got $line" >&4']);
      sandbox.channel.write('frame\n');
      assert.equal(await text(sandbox.channel), 'got frame\n');
    });

    test('keeps what the program printed last for a reader, also past dispose', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const sandbox = await under.start(['/bin/sh', '-c', 'echo last words']);
      const said = text(sandbox.stdout);
      await sandbox.exited;
      await sandbox[Symbol.asyncDispose]();
      assert.equal(await said, 'last words\n');
    });

    test('ends with every process that the program started, also those that left its session', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await using sandbox = await under.start(
        node(`const { spawn } = require('node:child_process');
          for (const seconds of ['1001', '1002'])
            spawn('/bin/sleep', [seconds], { detached: true, stdio: 'ignore' }).unref();
          console.log('up');
          setInterval(() => {}, 1000);`),
      );
      await waitFor('the children', () => sandbox.stdout.read() !== null);
      const footprint = await Footprint.of(process.pid, under.directory);
      sandbox.kill();
      assert.deepEqual(await sandbox.exited, { signal: 'SIGKILL', outOfMemory: false });
      const left = (await footprint.remaining()).filter(line => line.includes('(sleep)'));
      assert.deepEqual(left, []);
    });

    test('ends what the program left running when it ends by itself', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await using sandbox = await under.start(['/bin/sh', '-c', 'sleep 1003 & echo $!']);
      assert.deepEqual(await sandbox.exited, { status: 0, outOfMemory: false });
      assert.equal(await countProcesses('sleep', '1003'), 0);
    });

    test('that takes more memory than it has is ended, and it is told why', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const hungry = node('const held = []; for (;;) held.push(Buffer.alloc(8 << 20, 1));');
      const { exit } = await under.run(hungry, { memoryMb: 64 });
      assert.deepEqual(exit, { signal: 'SIGKILL', outOfMemory: true });
    });

    test('cannot have more processes than the plan allows', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const script = 'i=0; while [ $i -lt 40 ]; do sleep 1004 & i=$((i+1)); done; echo forked';
      const { stdout, stderr } = await under.run(['/bin/sh', '-c', script], { processesMax: 20 });
      assert.equal(stdout, '');
      assert.match(stderr, /fork/);
    });

    test('that does nothing but fork, on a small share of a core, is gone soon after it was killed', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await using sandbox = await under.start(python(FORK_BOMB), { processesMax: 200, memoryMb: 1024 });
      await waitFor('the last process', () => sandbox.stdout.read() !== null);
      sandbox.setCpu(70);
      const killedAtMs = clock.monotonicMs();
      sandbox.kill();
      assert.deepEqual(await sandbox.exited, { signal: 'SIGKILL', outOfMemory: false });
      const tookMs = clock.monotonicMs() - killedAtMs;
      assert.ok(tookMs < GONE_WITHIN_MS, `took ${tookMs} ms`);
      assert.equal(await countProcesses(...python(FORK_BOMB)), 0);
      await sandbox[Symbol.asyncDispose]();
      assert.deepEqual(await cgroupsOf(under.ownerId), []);
    });

    test('cannot open more files than AWS allows', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const script = `const fs = require('node:fs'); let n = 0;
        try { for (;;) { fs.openSync('/dev/null'); n++; } } catch (error) { console.log(error.code, n <= 1024); }`;
      assert.equal((await under.run(node(script))).stdout, 'EMFILE true\n');
    });

    test('gets the share of a core it was set to', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await using sandbox = await under.start(['/bin/sh', '-c', `read go <&4; ${NODE_SPIN}`]);
      sandbox.setCpu(200);
      sandbox.channel.write('\n');
      const share = Number(await text(sandbox.stdout));
      assert.ok(share > 0.02 && share < 0.5, `used ${share} of a core`);
    });

    test('does nothing while it is frozen, and goes on where it was', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const echo = 'while read line <&4; do echo "$line"; done';
      await using sandbox = await under.start(['/bin/sh', '-c', echo]);
      const heard: string[] = [];
      sandbox.stdout.on('data', chunk => heard.push(String(chunk)));
      sandbox.channel.write('one\n');
      await waitFor('the first echo', () => heard.length === 1);
      sandbox.freeze();
      await waitFor('it stands still', () => isFrozen(under.ownerId));
      sandbox.channel.write('two\n');
      assert.equal(await isFrozen(under.ownerId), true);
      assert.deepEqual(heard, ['one\n']);
      sandbox.thaw();
      await waitFor('the second echo', () => heard.length === 2);
    });

    test('ends when it is killed though it is frozen', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await using sandbox = await under.start(['/bin/sleep', '1008']);
      sandbox.freeze();
      sandbox.kill();
      assert.deepEqual(await sandbox.exited, { signal: 'SIGKILL', outOfMemory: false });
    });

    test('tells the highest memory use so far', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await using sandbox = await under.start(
        node(`Buffer.alloc(64 << 20, 1); console.log('up'); setInterval(() => {}, 1000);`),
      );
      await waitFor('the allocation', () => sandbox.stdout.read() !== null);
      const peak = sandbox.peakMemoryBytes();
      assert.ok(peak > 64 << 20 && peak < 256 << 20, `peak ${peak}`);
    });

    test('whose program does not exist fails and leaves nothing behind', async () => {
      await using under = await SandboxesUnderTest.open(options);
      await assert.rejects(under.start(['/var/task/bootstrap']), error => {
        assert.ok(isFailure(error, 'environment-failed'));
        assert.match(error.message, /bootstrap is not a program/);
        return true;
      });
      assert.deepEqual(await cgroupsOf(under.ownerId), []);
    });

    test('can be disposed of twice, and while it is being disposed of', async () => {
      await using under = await SandboxesUnderTest.open(options);
      const sandbox = await under.start(['/bin/sleep', '1005']);
      const first = sandbox[Symbol.asyncDispose]();
      await Promise.all([first, sandbox[Symbol.asyncDispose]()]);
      await sandbox[Symbol.asyncDispose]();
      assert.equal(await countProcesses('/bin/sleep', '1005'), 0);
    });

    test('goes with all the others, leaving no process, cgroup, mount or file', async () => {
      const under = await SandboxesUnderTest.open(options);
      const started = await Promise.all([1006, 1007].map(n => under.start(['/bin/sleep', String(n)])));
      const footprint = await Footprint.of(process.pid, under.directory);
      await under.sandboxes[Symbol.asyncDispose]();
      for (const sandbox of started) await sandbox.exited;
      const left = (await footprint.remaining()).filter(line => !line.includes(`process ${process.pid} `));
      assert.deepEqual(left, []);
      assert.deepEqual(await cgroupsOf(under.ownerId), []);
      assert.deepEqual(await readdir(under.directory), []);
      await assert.rejects(under.start(['/bin/true']), error => isFailure(error, 'environment-failed'));
      await rm(under.directory, { recursive: true });
    });
  });
}

/** Whether a cgroup of the owner's has come to a stand, in the words of either version. */
async function isFrozen(ownerId: string): Promise<boolean> {
  const files = (await cgroupsOf(ownerId)).flatMap(one => [`${one}/cgroup.events`, `${one}/freezer.state`]);
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')));
  return texts.some(said => /^frozen 1$|^FROZEN$/m.test(said));
}

/** Spins for half a second and prints how much of a core it got. */
const NODE_SPIN = `exec /var/lang/bin/node -e "
  const started = process.hrtime.bigint(); const used = process.cpuUsage();
  const elapsedUs = () => Number(process.hrtime.bigint() - started) / 1000;
  while (elapsedUs() < 500000);
  const { user, system } = process.cpuUsage(used);
  console.log((user + system) / elapsedUs());"`;
