import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from './wait-for.ts';

test('waiting ends with the first value the condition gives', async () => {
  let asked = 0;
  assert.equal(await waitFor('three', () => (++asked < 3 ? undefined : asked)), 3);
});

test('zero and the empty string are values, false is not', async () => {
  assert.equal(await waitFor('zero', () => 0), 0);
  assert.equal(await waitFor('empty', () => ''), '');
  await assert.rejects(
    waitFor('never', () => false, { timeoutMs: 30 }),
    /in vain: never/,
  );
});

test('a condition that throws has not come true, and its last error is the cause', async () => {
  const broken = () => {
    throw new Error('not there yet');
  };
  await assert.rejects(waitFor('it', broken, { timeoutMs: 30 }), error => {
    assert.match(String((error as Error).cause), /not there yet/);
    return true;
  });
});
