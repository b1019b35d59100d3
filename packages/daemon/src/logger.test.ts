import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createLogger } from './logger.ts';

const run = promisify(execFile);

function capture() {
  const lines: Record<string, unknown>[] = [];
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()));
      done();
    },
  });
  return { lines, logger: createLogger({ level: 'info', service: 'worker', destination }) };
}

test('a line names its service, its level in words and its fields', () => {
  const { lines, logger } = capture();
  logger.child({ component: 'environment' }).info({ requestId: 'r1' }, 'invocation started');
  logger.debug('not asked for');
  assert.equal(lines.length, 1);
  const { time, pid, ...line } = lines[0] ?? {};
  assert.deepEqual(line, {
    level: 'info',
    service: 'worker',
    component: 'environment',
    requestId: 'r1',
    msg: 'invocation started',
  });
  assert.equal(typeof time, 'number');
  assert.equal(pid, process.pid);
});

test('what an owner keeps secret is not written, wherever it stands', () => {
  const { lines, logger } = capture();
  logger.info({ variables: { KEY: 'hush' }, spec: { variables: { KEY: 'hush' } } }, 'environment starting');
  logger.info({ request: { headers: { authorization: 'hush' } } }, 'request refused');
  assert.doesNotMatch(JSON.stringify(lines), /hush/);
});

test('what was logged just before the process exits is written', async () => {
  const source = `
    import { createLogger } from '${import.meta.resolve('./logger.ts')}';
    const logger = createLogger({ level: 'info', service: 'worker' });
    for (let line = 0; line < 2000; line++) logger.info({ line }, 'busy');
    logger.fatal('the last line');
    process.exit(3);`;
  const exit: { code?: unknown; stderr?: string } = await run(process.execPath, [
    '--input-type=module',
    '-e',
    source,
  ]).catch(error => error);
  assert.equal(exit.code, 3);
  assert.equal(exit.stderr?.trimEnd().split('\n').length, 2001);
  assert.match(exit.stderr ?? '', /the last line"\}\n$/);
});

test('a log that cannot be written neither halts nor ends its process', async () => {
  const source = `
    import { setTimeout } from 'node:timers/promises';
    import { createLogger } from '${import.meta.resolve('./logger.ts')}';
    const logger = createLogger({ level: 'info', service: 'worker' });
    for (let line = 0; line < 100; line++) {
      logger.info({ line }, 'nobody reads this');
      await setTimeout(1);
    }
    logger.fatal('nor this');
    process.stdout.write('still here');
    process.exit(3);`;
  const exit: { code?: unknown; stdout?: string } = await run(
    'sh',
    ['-c', 'exec "$0" --input-type=module -e "$1" 2>/dev/full', process.execPath, source],
    { timeout: 20_000 },
  ).catch(error => error);
  assert.deepEqual([exit.stdout, exit.code], ['still here', 3]);
});
