/** 202 means: it runs, whatever happens to the machine in between. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { startLambent, waitFor } from '@lambent/testing';
import { DeployedFunction, deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';

/** Of these, half have run before the crash and half cannot have. */
const EVENTS = 1_000;
const CLIENTS = 20;
/** The held ones end this long after they were sent; all must be accepted and the crash be over by then. */
const HOLD_MS = 30_000;
/** A crash may take the last second of logs with it: the first half must be in them for longer. */
const LOGS_SETTLE_MS = 1_500;
const ALL_RUN_MS = 120_000;

/** Waits until the moment that its event names, and prints its request id when it has come. */
const HOLDING = {
  'index.mjs': `import { setTimeout } from 'node:timers/promises';
export const handler = async ({ until }, { awsRequestId }) => {
  await setTimeout(Math.max(0, until - Date.now()));
  console.log('ran ' + awsRequestId);
};`,
};

let data: string;
before(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'lambent-crash-'));
});
after(() => rm(data, { recursive: true, force: true }));

test('a kill -9 with 1,000 accepted events loses none of them, and no function', async () => {
  const first = await startLambent({ dataDirectory: data });
  const client = first.client();
  const quick = await deploy(client, { name: 'quick', files: HOLDING });
  const held = await deploy(client, { name: 'held', files: HOLDING, timeoutSeconds: 60 });

  const quickIds = await accept(quick, { until: 0 });
  await waitFor('the quick events to run', async () => (await ran(first, 'quick')).isSupersetOf(quickIds), {
    timeoutMs: ALL_RUN_MS,
  });
  const settledAt = Date.now() + LOGS_SETTLE_MS;
  const until = Date.now() + HOLD_MS;
  const heldIds = await accept(held, { until });
  await waitFor('the logs to settle', () => Date.now() > settledAt);
  assert.ok(Date.now() < until, 'the crash comes while the held events wait');
  await first.kill9();

  await using second = await startLambent({ dataDirectory: data });
  const again = second.client();
  assert.equal((await new DeployedFunction(again, 'quick').invoke({ until: 0 })).functionError, undefined);
  await waitFor('the held events to run', async () => (await ran(second, 'held')).isSupersetOf(heldIds), {
    timeoutMs: ALL_RUN_MS,
  });
  assert.ok((await ran(second, 'quick')).isSupersetOf(quickIds), 'the logs of before are still there');
});

/** Sends half of all events, and gives the request ids of those that were accepted: every one. */
async function accept(fn: DeployedFunction, event: unknown): Promise<Set<string>> {
  const ids = new Set<string>();
  let left = EVENTS / 2;
  const send = async () => {
    while (left-- > 0) {
      const answer = await fn.invoke(event, { InvocationType: 'Event', LogType: 'None' });
      assert.equal(answer.status, 202);
      ids.add(answer.requestId);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, send));
  assert.equal(ids.size, EVENTS / 2);
  return ids;
}

/** The request ids that the function has printed. */
async function ran(lambent: Parameters<typeof readFunctionLog>[0], name: string): Promise<Set<string>> {
  const messages = await readFunctionLog(lambent, name);
  return new Set(messages.flatMap(message => /\bran ([0-9a-f-]{36})/.exec(message)?.[1] ?? []));
}
