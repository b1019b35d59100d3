import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcTurns } from './grpc-turns.ts';

test('no more run at once than may, and the others follow in order', async () => {
  const turns = new GrpcTurns(2);
  const started: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const begin = (name: string) =>
    turns.take(() => {
      started.push(name);
      const end = Promise.withResolvers<string>();
      ends.set(name, end);
      return end.promise;
    });
  const [first, second, third, fourth] = ['a', 'b', 'c', 'd'].map(begin);
  assert.deepEqual(started, ['a', 'b']);
  ends.get('b')?.resolve('done');
  assert.equal(await second, 'done');
  assert.deepEqual(started, ['a', 'b', 'c']);
  ends.get('a')?.reject(new Error('failed'));
  await assert.rejects(Promise.resolve(first), /failed/);
  assert.deepEqual(started, ['a', 'b', 'c', 'd']);
  ends.get('c')?.resolve('done');
  ends.get('d')?.resolve('done');
  await Promise.all([third, fourth]);
});
