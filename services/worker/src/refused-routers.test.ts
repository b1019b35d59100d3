import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentKeyText } from '@lambent/contracts';
import { RefusedRouters } from './refused-routers.ts';

const KEY = 'key' as EnvironmentKeyText;
const refusal = (routerId: string, sync = true, untilMs = 1_000) => ({ routerId, sync, untilMs });

function drain(refused: RefusedRouters, nowMs = 0): string[] {
  const order: string[] = [];
  for (let next = refused.next(KEY, nowMs); next !== undefined; next = refused.next(KEY, nowMs))
    order.push(next);
  return order;
}

test('synchronous callers go first, and of those the longest refused', () => {
  const refused = new RefusedRouters();
  refused.remember(KEY, refusal('async', false));
  refused.remember(KEY, refusal('first'));
  refused.remember(KEY, refusal('second'));
  assert.deepEqual(drain(refused), ['first', 'second', 'async']);
});

test('who no longer waits is passed over', () => {
  const refused = new RefusedRouters();
  refused.remember(KEY, refusal('gone', true, 10));
  refused.remember(KEY, refusal('here', true, 100));
  assert.deepEqual(drain(refused, 10), ['here']);
});

test('a router served otherwise waits for one less, one that did not come for none', () => {
  const refused = new RefusedRouters();
  for (const routerId of ['a', 'a', 'b', 'b']) refused.remember(KEY, refusal(routerId));
  refused.served(KEY, 'a');
  refused.forget(KEY, 'b');
  assert.deepEqual(drain(refused), ['a']);
});

test('what is remembered is bounded', () => {
  const refused = new RefusedRouters();
  for (let router = 0; router < 1_000; router += 1) refused.remember(KEY, refusal(`${router}`));
  assert.equal(drain(refused).length, 128);
});

test('past the bound of keys the one remembered first is forgotten', () => {
  const refused = new RefusedRouters();
  for (let key = 0; key < 1_025; key += 1) refused.remember(`key ${key}` as EnvironmentKeyText, refusal('a'));
  assert.equal(refused.next('key 0' as EnvironmentKeyText, 0), undefined);
  assert.equal(refused.next('key 1' as EnvironmentKeyText, 0), 'a');
});
