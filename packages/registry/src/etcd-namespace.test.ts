import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EtcdNamespace } from './etcd-namespace.ts';

const namespace = new EtcdNamespace('cluster');

test('keys of different clusters share nothing', () => {
  assert.equal(namespace.key('a/b').toString(), 'cluster/a/b');
  assert.equal(namespace.nameOf(namespace.key('a/ü\u{1f600}')), 'a/ü\u{1f600}');
  const { key, range_end } = namespace.range('');
  const other = new EtcdNamespace('cluster2').key('a');
  assert.ok(Buffer.compare(other, key) < 0 || Buffer.compare(other, range_end) >= 0);
});

test('a range ends before the first key that does not start with its prefix', () => {
  const { key, range_end } = namespace.range('a\u{ffff}');
  const holds = (name: string) =>
    Buffer.compare(namespace.key(name), key) >= 0 && Buffer.compare(namespace.key(name), range_end) < 0;
  assert.deepEqual(['a', 'a\u{ffff}', 'a\u{ffff}\u{10ffff}', 'a\u{10000}'].map(holds), [
    false,
    true,
    true,
    false,
  ]);
});

test('a range after a key begins behind it, and never before the prefix', () => {
  assert.equal(namespace.rangeAfter('a/', 'a/1').key.toString(), 'cluster/a/1\0');
  assert.equal(namespace.rangeAfter('a/', 'A').key.toString(), 'cluster/a/');
});
