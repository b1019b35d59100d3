import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EtcdNamespace } from './etcd-namespace.ts';
import { RevisionBatches } from './revision-batches.ts';

const namespace = new EtcdNamespace('c');

function put(name: string, revision: number) {
  const kv = {
    key: namespace.key(name),
    value: Buffer.from(`${revision}`),
    create_revision: '2',
    mod_revision: `${revision}`,
    version: '1',
    lease: '0',
  };
  return { type: 'Put' as const, kv, prev_kv: kv };
}

function add(batches: RevisionBatches, fragment: boolean, ...events: ReturnType<typeof put>[]) {
  return batches
    .add({ fragment, events })
    .map(({ revision, events: whole }) => [
      revision,
      ...whole.map(event => (event.kind === 'put' ? event.entry.key : '')),
    ]);
}

test('several revisions of one response are a batch each', () => {
  const batches = new RevisionBatches(namespace, 3);
  assert.deepEqual(add(batches, false, put('a', 3), put('b', 3), put('a', 7)), [
    [3, 'a', 'b'],
    [7, 'a'],
  ]);
  assert.equal(batches.next, 8);
});

test('one revision of several responses is one batch, as soon as it is whole', () => {
  const batches = new RevisionBatches(namespace, 3);
  assert.deepEqual(add(batches, true, put('a', 3), put('a', 4)), [[3, 'a']]);
  assert.deepEqual(add(batches, true, put('b', 4)), []);
  assert.equal(batches.next, 4);
  assert.deepEqual(add(batches, false, put('c', 4), put('a', 5)), [
    [4, 'a', 'b', 'c'],
    [5, 'a'],
  ]);
});

test('what was given is not given again, and what was begun begins anew', () => {
  const batches = new RevisionBatches(namespace, 3);
  add(batches, true, put('a', 3), put('a', 4));
  batches.restart();
  assert.deepEqual(add(batches, false, put('a', 3), put('a', 4), put('b', 4)), [[4, 'a', 'b']]);
});

test('a quiet watch goes on from the last sign of life, and never back', () => {
  const batches = new RevisionBatches(namespace, 3);
  batches.passed(9);
  assert.equal(batches.next, 10);
  batches.passed(5);
  assert.equal(batches.next, 10);
});

test('a delete has a key and nothing else', () => {
  const batches = new RevisionBatches(namespace, 3);
  const event = { ...put('a', 3), type: 'Delete' as const };
  assert.deepEqual(batches.add({ fragment: false, events: [event] }), [
    { revision: 3, events: [{ kind: 'delete', key: 'a' }] },
  ]);
});

test('a revision that a number cannot hold is an error, not another revision', () => {
  const batches = new RevisionBatches(namespace, 3);
  assert.throws(
    () => batches.add({ fragment: false, events: [put('a', 2 ** 53)] }),
    /revision 9007199254740992 is too large/,
  );
});
