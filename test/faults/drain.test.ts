/** How it ends when it is asked to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLambent, waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';

const SLEEPING = {
  'index.mjs': `import { setTimeout } from 'node:timers/promises';
export const handler = async ({ ms }) => { console.log('began'); await setTimeout(ms); return 'finished'; };`,
};
/** What "at once" may take on two busy cores. */
const AT_ONCE_MS = 3_000;

test('a drain finishes what runs, takes nothing new, and ends with status 0', async () => {
  await using lambent = await startLambent();
  const fn = await deploy(lambent.client(), { files: SLEEPING, timeoutSeconds: 10 });
  const running = fn.invoke({ ms: 3_000 });
  await began(lambent, fn.name);
  lambent.signal('SIGTERM');
  await waitFor('new invocations to be refused', async () => {
    const refused = await fn.invoke({ ms: 0 }).then(
      () => false,
      (error: Error & { code?: string }) => error.code === 'ECONNREFUSED' || /Unavailable/.test(error.name),
    );
    return refused;
  });
  assert.equal((await running).payload, 'finished');
  assert.deepEqual(await lambent.exited, { status: 0, signal: null });
});

test('a second signal ends it at once', async () => {
  await using lambent = await startLambent();
  const fn = await deploy(lambent.client(), { files: SLEEPING, timeoutSeconds: 60 });
  const running = fn.invoke({ ms: 60_000 }).catch((error: unknown) => error);
  await began(lambent, fn.name);
  lambent.signal('SIGTERM');
  await waitFor('the drain to begin', () => /drain/i.test(lambent.logs));
  const secondAt = performance.now();
  lambent.signal('SIGTERM');
  const { status } = await lambent.exited;
  assert.ok(performance.now() - secondAt < AT_ONCE_MS);
  assert.equal(status, 128 + 15, 'as shells count an end by SIGTERM');
  assert.ok((await running) instanceof Error);
});

async function began(lambent: Parameters<typeof readFunctionLog>[0], name: string): Promise<void> {
  await waitFor('the function to run', async () => {
    const messages = await readFunctionLog(lambent, name);
    return messages.some(message => message.includes('began'));
  });
}
