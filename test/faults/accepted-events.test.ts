/** 202 means: it runs, whatever happens to the machine in between. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { type LambentProcess, startLambent, waitFor } from '@lambent/testing';
import { DeployedFunction, deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';

/** So many have run before the crash, and so many are accepted by then and cannot have run. */
const EVENTS_BEFORE = 500;
const EVENTS_HELD = 1_000;
const CLIENTS = 20;
/** The held ones end this long after the first was sent; the crash must come before. */
const HOLD_MS = 20_000;
/** A crash may take the last second of logs with it: what ran before must be in them for longer. */
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

  const quickIds = new Set<string>();
  await keepSending(quick, { until: 0 }, quickIds, () => quickIds.size >= EVENTS_BEFORE);
  await expectRun(first, 'quick', quickIds);
  const settledAt = Date.now() + LOGS_SETTLE_MS;

  // The crash comes while more are being sent: whatever was answered 202 by then counts.
  const until = Date.now() + HOLD_MS;
  const heldIds = new Set<string>();
  const cutOff = assert.rejects(keepSending(held, { until }, heldIds, () => false));
  await waitFor(
    'the held events to be accepted',
    () => heldIds.size >= EVENTS_HELD && Date.now() > settledAt,
  );
  assert.ok(Date.now() < until, 'none of the held events can have run');
  await first.kill9();
  await cutOff;

  await using second = await startLambent({ dataDirectory: data });
  const again = new DeployedFunction(second.client(), 'quick');
  assert.equal((await again.invoke({ until: 0 })).functionError, undefined, 'its functions are all there');
  await expectRun(second, 'held', heldIds);
  await expectRun(second, 'quick', quickIds);
});

/** Sends events side by side until it is `enough`, and notes the request ids of those that were accepted. */
async function keepSending(
  fn: DeployedFunction,
  event: unknown,
  accepted: Set<string>,
  enough: () => boolean,
) {
  const send = async () => {
    while (!enough()) {
      const answer = await fn.invoke(event, { InvocationType: 'Event', LogType: 'None' });
      assert.equal(answer.status, 202);
      accepted.add(answer.requestId);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, send));
}

/** Waits until every one of these requests has printed that it ran. */
async function expectRun(lambent: LambentProcess, name: string, ids: ReadonlySet<string>): Promise<void> {
  let missing = ids;
  const allRan = async () => {
    const messages = await readFunctionLog(lambent, name);
    const ran = new Set(messages.flatMap(message => /\bran ([0-9a-f-]{36})/.exec(message)?.[1] ?? []));
    missing = ids.difference(ran);
    return missing.size === 0;
  };
  await waitFor(`all of ${name} to run`, allRan, { timeoutMs: ALL_RUN_MS }).catch(cause => {
    throw new Error(`of ${ids.size} accepted events ${missing.size} did not run`, { cause });
  });
}
