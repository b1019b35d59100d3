import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { Turns } from './turns.ts';

test('turns are given one at a time, in the order in which they were wanted', () => {
  const stage = openTurns();
  for (const worker of ['a', 'b', 'c', 'b']) stage.turns.want(worker);
  assert.deepEqual(stage.given, ['a']);
  stage.end();
  assert.deepEqual(stage.given, ['a', 'b']);
  stage.end();
  stage.end();
  assert.deepEqual(stage.given, ['a', 'b', 'c']);
});

test('who wants yet more goes behind the others, and who raised in vain rests a while', async () => {
  const stage = openTurns();
  stage.turns.want('a');
  stage.turns.want('b');
  stage.end({ raised: true, wanted: 3 });
  stage.end({ raised: false, wanted: 1 });
  assert.deepEqual(stage.given, ['a', 'b', 'a']);
  stage.turns.want('b');
  assert.equal(stage.turns.waiting, 0);
  await stage.clock.advance(250);
  stage.turns.want('b');
  assert.equal(stage.turns.waiting, 1);
});

test('a turn that was given long ago ends no later one', async () => {
  const stage = openTurns();
  stage.turns.want('a');
  stage.turns.want('b');
  await stage.clock.advance(1_000);
  stage.turns.want('c');
  stage.turns.ended('a', 1n, { raised: true, wanted: 0 });
  assert.deepEqual(stage.given, ['a', 'b']);
});

test('who leaves or is content loses its place, and a turn it had passes on', () => {
  const stage = openTurns();
  for (const worker of ['a', 'b', 'c', 'd']) stage.turns.want(worker);
  stage.turns.content('b');
  stage.turns.left('c');
  stage.turns.left('a');
  assert.deepEqual(stage.given, ['a', 'd']);
});

test('who is not there is passed over', () => {
  const stage = openTurns({ absent: ['a'] });
  stage.turns.want('a');
  stage.turns.want('b');
  assert.deepEqual(stage.given, ['b']);
});

test('places are kept while there is nothing to give', () => {
  const stage = openTurns();
  stage.block = 0;
  stage.turns.want('a');
  stage.turns.want('b');
  assert.deepEqual([stage.given.length, stage.turns.waiting], [0, 2]);
  stage.block = 1;
  stage.turns.wake();
  assert.deepEqual(stage.given, ['a']);
});

function openTurns({ absent = [] }: { readonly absent?: readonly string[] } = {}) {
  const clock = new SimulatedClock();
  const given: string[] = [];
  let last = { workerId: '', turn: 0n };
  const turns = new Turns({
    clock,
    block: () => stage.block,
    give: (workerId, { turn }) => {
      if (absent.includes(workerId)) return false;
      given.push(workerId);
      last = { workerId, turn };
      return true;
    },
  });
  const end = (outcome = { raised: true, wanted: 0 }) => turns.ended(last.workerId, last.turn, outcome);
  const stage = { clock, turns, given, block: 1, end };
  return stage;
}
