import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SystemClock } from '@lambent/core';
import { LogOutput } from './log-output.ts';

test('lines that nobody takes are dropped past a bound and counted; the others come whole and in order', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-log-'));
  const path = join(directory, 'pipe');
  await promisify(execFile)('mkfifo', [path]);
  // Such a pipe takes 64 KiB, and then says that it is busy.
  const pipe = await open(path, constants.O_RDWR | constants.O_NONBLOCK);
  const { promise, resolve: recovered } = Promise.withResolvers<number>();
  const output = new LogOutput({ fd: pipe.fd, clock: new SystemClock(), recovered });
  const written = 3_000;
  for (let n = 0; n < written; n++) output.write(`${String(n).padStart(999, ' ')}\n`);
  output.flushSync();

  let text = '';
  const read = async () => {
    const { bytesRead, buffer } = await pipe.read().catch(() => ({ bytesRead: 0, buffer: Buffer.of() }));
    text += buffer.toString('utf8', 0, bytesRead);
    return bytesRead > 0;
  };
  const all = promise.then(() => true);
  while (!(await Promise.race([all, turn(false)]))) await read();
  while (await read());
  await pipe.close();
  await rm(directory, { recursive: true });
  const lines = text.trimEnd().split('\n').map(Number);
  assert.deepEqual(lines, [...lines.keys()]);
  assert.equal(lines.length + (await promise), written);
  assert.ok(lines.length < 1_200);
});
