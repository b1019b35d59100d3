import assert from 'node:assert/strict';
import { test } from 'node:test';
import { zipOf } from './zip-of.ts';

test('equal files make equal bytes, so that their digests can be compared', async () => {
  const files = { 'index.mjs': 'export const handler = () => 1;', 'data.bin': Uint8Array.of(0, 255) };
  assert.deepEqual(await zipOf(files), await zipOf(files));
  assert.notDeepEqual(await zipOf(files), await zipOf({ ...files, 'index.mjs': '' }));
});
