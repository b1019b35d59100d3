import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outlives, placeText } from './place.ts';

const place = { machine: 'machine/1', boot: 'boot-1', directory: '8:2' };
const here = placeText(place);

test('whoever starts in the same directory, or after the machine has booted, outlives the one before', () => {
  assert.equal(outlives(here, here), true);
  assert.equal(outlives(placeText({ ...place, boot: 'boot-2' }), here), true);
  assert.equal(outlives(placeText({ ...place, boot: 'boot-2', directory: '9:2' }), here), true);
});

test('of another directory, or another machine, nobody knows whether it is dead', () => {
  assert.equal(outlives(placeText({ ...place, directory: '8:3' }), here), false);
  assert.equal(outlives(placeText({ ...place, machine: 'machine/2' }), here), false);
  assert.equal(outlives(placeText({ ...place, machine: 'machine/2', boot: 'boot-2' }), here), false);
});

test('what is no place of this version is only ever itself', () => {
  assert.equal(outlives('embedded', 'embedded'), true);
  assert.equal(outlives(here, 'machine/boot'), false);
  assert.equal(outlives('a/b', 'a/c'), false);
});
