/** A platform that dies is no failure of the function: nobody is told that it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLambent, waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';

const SLEEPING = {
  'index.mjs': `import { setTimeout } from 'node:timers/promises';
console.log('awake');
export const handler = () => setTimeout(30_000);`,
};

test('when the keeper is killed, a caller in flight is not told that its function failed', async () => {
  await using lambent = await startLambent({});
  const sleeper = await deploy(lambent.client(), { name: 'sleeper', files: SLEEPING, timeoutSeconds: 60 });
  const answer = sleeper.invoke({}).then(
    result => `answered ${JSON.stringify(result)}`,
    (error: unknown) => String(error),
  );
  await waitFor('the run to begin', async () =>
    (await readFunctionLog(lambent, 'sleeper')).some(message => message.startsWith('START')),
  );
  await lambent.kill9();
  assert.match(
    await answer,
    /ServiceException: The outcome of the invocation .* is unknown|ECONNRESET|socket hang up/,
  );
});
