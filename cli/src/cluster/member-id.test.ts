import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SeededRandom, SystemRandom } from '@lambent/core';
import { memberIdOf } from './member-id.ts';
import { memberPlaceOf } from './member-place.ts';

async function temporary(t: { after: typeof test.after }) {
  const path = await mkdtemp(join(tmpdir(), 'lambent-id-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test('a member is who it was after a restart, and nobody else', async t => {
  const [directory, other] = [await temporary(t), await temporary(t)];
  const id = await memberIdOf(directory, { role: 'worker', random: new SeededRandom(1) });
  assert.match(id, /^worker-[0-9a-f]{12}$/);
  assert.equal(await memberIdOf(directory, { role: 'worker', random: new SystemRandom() }), id);
  assert.notEqual(await memberIdOf(other, { role: 'worker', random: new SystemRandom() }), id);
});

test('a place is that of one directory, whatever it is called', async t => {
  const [directory, other] = [await temporary(t), await temporary(t)];
  const place = await memberPlaceOf(directory);
  assert.equal(await memberPlaceOf(join(directory, '.')), place);
  assert.notEqual(await memberPlaceOf(other), place);
});
