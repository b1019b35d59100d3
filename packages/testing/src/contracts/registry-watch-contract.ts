import assert from 'node:assert/strict';
import { isFailure } from '@lambent/core';
import type { RegistryPromises } from './registry-contract.ts';
import { bytes, commit, keyOf, put, remove, take } from './registry-steps.ts';

/** What a watch delivers. */
export function watchPromises(promise: RegistryPromises): void {
  promise('all writes of one transaction reach a watch as one batch', async ({ registry }) => {
    const before = await commit(registry, put('w/1', '1'), put('w/2', '1'));
    const write = [put('w/2', '2'), put('w/3', '2'), remove('w/1'), put('other', '2')];
    const revision = await commit(registry, ...write);
    const [batch] = await take(registry, 'w/', before + 1, 1);
    assert.deepEqual(batch, {
      revision,
      events: [
        {
          kind: 'put',
          entry: { key: 'w/2', value: bytes('2'), createRevision: before, modRevision: revision },
        },
        {
          kind: 'put',
          entry: { key: 'w/3', value: bytes('2'), createRevision: revision, modRevision: revision },
        },
        { kind: 'delete', key: 'w/1' },
      ],
    });
  });

  promise('a watch gives what was and what comes, in order and once', async ({ registry }) => {
    const count = Math.floor(WATCHED_REVISIONS / 2);
    const first = await commit(registry, put('w/0', '0'));
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    for (const number of numbers) await commit(registry, put(`w/${number}`, `${number}`));
    const watched = take(registry, 'w/', first, 2 * count + 1);
    await Promise.all(numbers.map(number => commit(registry, put(`w/${number}`, 'again'))));
    const revisions = (await watched).map(batch => batch.revision);
    assert.deepEqual(
      revisions,
      Array.from({ length: 2 * count + 1 }, (_, index) => first + index),
    );
  });

  promise('a watch from the revision after a range misses nothing', async ({ registry }) => {
    const writing = Promise.all(
      Array.from({ length: WATCHED_REVISIONS }, (_, index) => commit(registry, put(`w/${index}`, '1'))),
    );
    const { entries: seen, revision } = await registry.range('w/');
    const batches = await take(registry, 'w/', revision + 1, WATCHED_REVISIONS - seen.length);
    await writing;
    const keys = batches.flatMap(batch => batch.events.map(event => keyOf(event)));
    assert.equal(new Set([...seen.map(entry => entry.key), ...keys]).size, WATCHED_REVISIONS);
  });

  promise('a watch may begin at a revision that is still to come', async ({ registry }) => {
    const { revision } = await registry.range('');
    const watched = take(registry, '', revision + 2, 1);
    await commit(registry, put('a', '1'));
    await commit(registry, put('b', '1'));
    assert.deepEqual((await watched)[0]?.revision, revision + 2);
  });
}

/** Fewer than any adapter's bounds, more than fit its pages. */
const WATCHED_REVISIONS = 100;

/** Where a watch ends. */
export function watchEndPromises(promise: RegistryPromises): void {
  promise('an aborted watch ends without an error, waiting or not', async ({ registry }) => {
    const revision = await commit(registry, put('a', '1'));
    const waiting = new AbortController();
    const iterator = registry
      .watch('', { fromRevision: revision, signal: waiting.signal })
      [Symbol.asyncIterator]();
    assert.equal((await iterator.next()).done, false);
    const next = iterator.next();
    waiting.abort();
    assert.deepEqual(await next, { value: undefined, done: true });
    const aborted = registry.watch('', { fromRevision: revision, signal: AbortSignal.abort() });
    assert.deepEqual(await Array.fromAsync(aborted), []);
  });

  promise('a watch from a revision no longer kept fails as registry-compacted', async subject => {
    const revision = await commit(subject.registry, put('a', '1'));
    await subject.compact();
    await assert.rejects(take(subject.registry, '', revision, 1), error =>
      isFailure(error, 'registry-compacted'),
    );
  });

  promise('a watch that is not read is cut off as queue-full', async ({ registry, slowReaderRevisions }) => {
    const fromRevision = await commit(registry, put('a', '0'));
    const { signal } = new AbortController();
    const iterator = registry.watch('', { fromRevision, signal })[Symbol.asyncIterator]();
    await iterator.next();
    for (let written = 0; written <= 2 * slowReaderRevisions; written++)
      await commit(registry, put('a', `${written}`));
    const drain = async () => {
      while (!(await iterator.next()).done);
    };
    await assert.rejects(drain(), error => isFailure(error, 'queue-full'));
  });
}
