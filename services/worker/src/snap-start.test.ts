/** SnapStart with a real Python in a real sandbox. That AWS has it for newer ones only is the gateway's to say. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { EnvironmentKeySchema, type EnvironmentSpec } from '@lambent/contracts';
import type { Completion } from '@lambent/router';
import { waitFor } from '@lambent/testing';
import { json, openRealWorker, type RealWorker } from './real-worker.ts';

const FUNCTION = `
import os, time
from snapshot_restore_py import register_after_restore, register_before_snapshot

born = time.time()
seen = []
register_before_snapshot(seen.append, "before")

@register_after_restore
def restored():
    if os.environ.get("FAILS"):
        raise ValueError("not now")
    seen.append("after")

def handler(event, context):
    time.sleep(event.get("seconds", 0))
    return {"seen": seen, "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], "born": born}
`;

let worker: RealWorker;
before(async () => {
  worker = await openRealWorker();
});
after(() => worker[Symbol.asyncDispose]());

async function publish(name: string, variables: Record<string, string> = {}): Promise<EnvironmentSpec> {
  const runtime = [...worker.runtimeNames].find(identifier => identifier.startsWith('python'));
  assert.ok(runtime, 'a Python');
  const key = create(EnvironmentKeySchema, { functionId: name, version: '1', revision: 1n });
  const log = { group: `/aws/lambda/${name}` } as EnvironmentSpec['log'] & object;
  return worker.deploy(
    { 'index.py': FUNCTION },
    { key, log, runtime, variables, snapStart: true, functionName: name },
  );
}

const call = (spec: EnvironmentSpec, event = {}): Promise<Completion> =>
  worker.invoke(spec, JSON.stringify(event), { logTail: true });
const logOf = ({ logTail }: Completion): string => Buffer.from(logTail).toString();
const linesOf = async (name: string): Promise<readonly string[]> =>
  (await Array.fromAsync(worker.logs.read(`/aws/lambda/${name}`, {}))).map(({ message }) => message);

test('a call finds its version initialised, runs its hooks once, and leaves another one so', async () => {
  const spec = await publish('snapped');
  const first = await call(spec);
  const { seen, type } = json(first);
  assert.deepEqual([seen, type], [['before', 'after'], 'snap-start']);
  assert.match(logOf(first), /\tRestore Duration: \d+\.\d\d ms\tBilled Restore Duration: \d+ ms\t/);
  assert.doesNotMatch(logOf(first), /Init Duration/);
  const lines = await linesOf('snapped');
  const order = ['INIT_REPORT Init', 'RESTORE_START', 'RESTORE_REPORT Restore', 'START RequestId'];
  const at = order.map(begin => lines.findIndex(line => line.startsWith(begin)));
  const inOrder = at.toSorted((one, other) => one - other);
  assert.ok(!at.includes(-1), lines.join('\n'));
  assert.deepEqual(at, inOrder);

  // The one that was used before is not restored again.
  const second = await call(spec);
  assert.deepEqual(json(second), json(first));
  assert.doesNotMatch(logOf(second), /Restore Duration/);

  await waitFor('the next one to be initialised', async () => {
    return (await linesOf('snapped')).filter(line => line.startsWith('INIT_REPORT')).length === 2;
  });
  const both = await Promise.all([call(spec, { seconds: 1 }), call(spec, { seconds: 1 })]);
  assert.equal(both.filter(one => logOf(one).includes('Restore Duration')).length, 1);
});

test('a hook that raises fails the call', async () => {
  const { outcome } = await call(await publish('failing', { FAILS: 'yes' }));
  assert.equal('errorType' in outcome && outcome.errorType, 'Runtime.AfterRestoreError');
});
