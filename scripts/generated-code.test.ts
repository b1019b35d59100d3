import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differences } from './generated-code.ts';

test('generated code is current only when every file is there and the same', () => {
  const committed = new Map([
    ['same.ts', 'a'],
    ['changed.ts', 'a'],
    ['gone.ts', 'a'],
  ]);
  const fresh = new Map([
    ['same.ts', 'a'],
    ['changed.ts', 'b'],
    ['new.ts', 'a'],
  ]);
  assert.deepEqual(differences(committed, fresh), [
    'changed.ts is not what its source makes',
    'gone.ts has no source any more',
    'new.ts is missing',
  ]);
  assert.deepEqual(differences(fresh, fresh), []);
});
