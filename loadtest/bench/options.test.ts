import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readOptions } from './options.ts';

const FIGURES = ['warm', 'memory'];

describe('the command line of the benchmark', () => {
  test('measures everything when it says nothing', () => {
    const options = { help: false, blocks: 5, seconds: 2, only: FIGURES, out: undefined };
    assert.deepEqual(readOptions([], FIGURES), options);
  });

  test('selects figures and scales them', () => {
    const options = readOptions(['--only', 'memory', '--blocks', '1', '--seconds', '0.2'], FIGURES);
    assert.deepEqual(options, { help: false, blocks: 1, seconds: 0.2, only: ['memory'], out: undefined });
  });

  test('names what it does not understand', () => {
    assert.match(String(readOptions(['--only', 'warm,speed'], FIGURES)), /speed.*warm, memory/);
    assert.match(String(readOptions(['--blocks', '0'], FIGURES)), /--blocks 0/);
    assert.match(String(readOptions(['--seconds', 'two'], FIGURES)), /--seconds two/);
    assert.match(String(readOptions(['--fast'], FIGURES)), /--fast/);
  });
});
