/** An operator's own limits, through everything that a large event and a large response pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startLambent } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { pythonRuntime } from '../python-runtime.ts';

const MIB = 1_048_576;
const LARGE = 10 * MIB;

test('events and responses beyond what AWS takes pass where the limits are raised', async () => {
  const env = { LAMBENT_LIMIT_REQUEST_BYTES: `${LARGE}`, LAMBENT_LIMIT_RESPONSE_BYTES: `${LARGE}` };
  await using lambent = await startLambent({ env });
  const client = lambent.client();
  const plans = [
    { files: { 'index.mjs': 'export const handler = async event => event;' } },
    { files: { 'index.py': 'def handler(event, context):\n    return event\n' }, runtime: pythonRuntime() },
  ];
  for (const plan of plans) {
    const fn = await deploy(client, { ...plan, timeoutSeconds: 30, memoryMb: 512 });
    const event = 'x'.repeat(LARGE - 2);
    const { payload, functionError } = await fn.invoke(event);
    assert.equal(functionError, undefined);
    assert.ok(payload === event);
    await assert.rejects(fn.invoke(`${event}x`), {
      name: 'RequestEntityTooLargeException',
      message: `Request must be smaller than ${LARGE} bytes for the InvokeFunction operation`,
    });
  }
});
