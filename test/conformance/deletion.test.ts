/** What is deleted runs no longer. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { openTarget } from './target.ts';

test('a deleted function leaves no process, though it was still busy with something of its own', async () => {
  await using lambent = await openTarget();
  const client = lambent.client();
  const mark = `/tmp/${randomUUID()}`;
  const busy = await deploy(client, {
    name: 'busy',
    files: {
      'index.mjs': `import { writeFileSync } from 'node:fs';
writeFileSync('${mark}', '');
setInterval(() => {}, 10);
export const handler = async () => 1;`,
    },
  });
  assert.equal((await busy.invoke({})).functionError, undefined);
  assert.ok((await processesThatSee(mark)) > 0);
  await client.send(new DeleteFunctionCommand({ FunctionName: 'busy' }));
  await waitFor('its environment to end', async () => (await processesThatSee(mark)) === 0);
});

/** Sandboxes have files of their own. */
async function processesThatSee(file: string): Promise<number> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name));
  return pids.filter(pid => existsSync(`/proc/${pid}/root${file}`)).length;
}
