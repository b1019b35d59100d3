import { readSync, writeSync } from 'node:fs';

const CHANNEL_FD = 4;
const HEADER_BYTES = 5;
const BOOTED_FRAME = Buffer.from([0, 0, 0, 0, 7]);

/**
 * Of a process that was started before anybody knew for what: says that it is there, waits until the worker tells it
 * its function's environment, and is then as if it had been started with that. Nothing else runs meanwhile.
 */
export function awaitAssignment() {
  writeSync(CHANNEL_FD, BOOTED_FRAME);
  const length = read(HEADER_BYTES).readUInt32BE(0);
  const { environment } = JSON.parse(read(length).utf8Slice());
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  // The code was mounted over the directory that it stood in.
  process.chdir(process.env.LAMBDA_TASK_ROOT);
}

function read(length) {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const count = readSync(CHANNEL_FD, bytes, at, length - at, null);
    // The worker is gone, and with it the reason to wait.
    if (count === 0) process.exit(0);
    at += count;
  }
  return bytes;
}
