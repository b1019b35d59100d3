import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FairShare } from './fair-share.ts';

const NEVER = new AbortController().signal;

test('a function has at most its share, and another function is not held up by it', async () => {
  const share = new FairShare({ max: 2 });
  await share.take('hot', NEVER);
  await share.take('hot', NEVER);
  let third = false;
  void share.take('hot', NEVER).then(() => (third = true));
  assert.ok(await share.take('cold', NEVER));
  assert.equal(third, false);
});

test('a place given back goes to who waited longest, and only once', async () => {
  const share = new FairShare({ max: 1 });
  const first = await share.take('f', NEVER);
  const order: string[] = [];
  const noted = async (name: string) => {
    const place = await share.take('f', NEVER);
    order.push(name);
    return place;
  };
  const second = noted('second');
  const third = noted('third');
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  (await second)?.[Symbol.dispose]();
  await third;
  assert.deepEqual(order, ['second', 'third']);
});

test('who gives up gets no place and takes none away', async () => {
  const share = new FairShare({ max: 1 });
  const first = await share.take('f', NEVER);
  const impatient = new AbortController();
  const none = share.take('f', impatient.signal);
  impatient.abort();
  assert.equal(await none, undefined);
  first?.[Symbol.dispose]();
  assert.ok(await share.take('f', impatient.signal));
});
