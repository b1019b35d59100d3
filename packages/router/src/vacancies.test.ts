import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentKeyText } from '@lambent/contracts';
import { Vacancies } from './vacancies.ts';

const KEY = 'f/1/1/' as EnvironmentKeyText;

test('most believed idle goes first, and of those that have as many least in flight', () => {
  const [busy, calm, many] = [worker(5), worker(2), worker(9)];
  const vacancies = new Vacancies<ReturnType<typeof worker>>();
  vacancies.set(KEY, busy, 1);
  vacancies.set(KEY, calm, 1);
  vacancies.set(KEY, many, 2);
  const taken = Array.from({ length: 5 }, () => vacancies.take(KEY, new Set()));
  assert.deepEqual(taken, [many, calm, busy, many, undefined]);
});

test('who is excluded or accepts nothing is passed by, and what is believed of it stays', () => {
  const [excluded, closed, open] = [worker(0), worker(0, false), worker(1)];
  const vacancies = new Vacancies<ReturnType<typeof worker>>();
  for (const each of [excluded, closed, open]) vacancies.set(KEY, each, 1);
  assert.equal(vacancies.take(KEY, new Set([excluded])), open);
  assert.equal(vacancies.take(KEY, new Set([excluded])), undefined);
  assert.equal(vacancies.take(KEY, new Set()), excluded);
});

function worker(inFlight: number, accepting = true) {
  return { inFlight, accepting };
}
