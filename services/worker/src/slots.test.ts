import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';

test('no more slots are given than there are', () => {
  const slots = new Slots({ slots: 2, memoryMb: 0 });
  const first = slots.takeSlot();
  slots.takeSlot();
  assert.equal(slots.takeSlot(), undefined);
  assert.equal(slots.slotsFree, 0);
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  assert.equal(slots.slotsFree, 1);
});

test('memory is given whole or not at all', () => {
  const slots = new Slots({ slots: 1, memoryMb: 300 });
  const first = slots.takeMemory(128);
  assert.ok(slots.takeMemory(128));
  assert.equal(slots.takeMemory(128), undefined);
  assert.equal(slots.memoryMbFree, 44);
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  assert.equal(slots.memoryMbFree, 172);
});
