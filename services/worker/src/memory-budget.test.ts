import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBudget } from './memory-budget.ts';

test('memory is given whole or not at all, and given back once', () => {
  const memory = new MemoryBudget(300);
  const first = memory.take(128);
  assert.ok(memory.take(128));
  assert.equal(memory.take(128), undefined);
  assert.equal(memory.freeMb, 44);
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  assert.equal(memory.freeMb, 172);
});
