import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import type { Compare, Registry } from '@lambent/registry';
import { leasePromises } from './registry-lease-contract.ts';
import { below, bytes, commit, deletedKeys, holds, key, put, remove, take, text } from './registry-steps.ts';
import { watchEndPromises, watchPromises } from './registry-watch-contract.ts';

/** A registry of its own for each test, and what a test does to it from outside. */
export interface RegistryUnderTest extends AsyncDisposable {
  /** Another one after `reopen`. */
  readonly registry: Registry;
  /** How many revisions a watch that is not read may fall behind. */
  readonly slowReaderRevisions: number;
  /** Whether a range comparison counts deletes. etcd's own does not. */
  readonly countsDeletes: boolean;
  /** Lets the time of leases pass. */
  pass(ms: number): Promise<void>;
  /** Makes every revision so far too old to be watched from. */
  compact(): Promise<void>;
  /** Takes the store away, for good. */
  breakStore(): Promise<void>;
  /** Ends the process that holds the store, as it were, and starts it again. Absent where nothing outlives it. */
  reopen?(): Promise<void>;
  /** Whether a lease lives on then. Not where the store lives in the process of the lease's holder. */
  readonly leasesOutliveReopen?: boolean;
}

/** Makes one test of one promise. */
export type RegistryPromises = (what: string, hold: (subject: RegistryUnderTest) => Promise<void>) => void;

const TEST_TIMEOUT_MS = 20_000;

/** The promises of `Registry`, for any adapter. */
export function registryContract(name: string, open: () => Promise<RegistryUnderTest>): void {
  const promise: RegistryPromises = (what, hold) =>
    void test(`${name}: ${what}`, { timeout: TEST_TIMEOUT_MS }, async () => {
      await using subject = await open();
      await hold(subject);
    });
  entries(promise);
  comparisons(promise);
  watchPromises(promise);
  watchEndPromises(promise);
  leasePromises(promise);
  failures(promise);
  restarts(promise);
}

function entries(promise: RegistryPromises): void {
  promise(
    'a key remembers the revision that made it and the one that wrote it last',
    async ({ registry }) => {
      assert.equal(await registry.get('a'), undefined);
      const made = await commit(registry, put('a', '1'));
      const written = await commit(registry, put('a', '2'));
      const entry = { key: 'a', value: bytes('2'), createRevision: made, modRevision: written };
      assert.deepEqual(await registry.get('a'), entry);
      await commit(registry, remove('a'));
      assert.equal(await registry.get('a'), undefined);
      const again = await commit(registry, put('a', '3'));
      assert.equal((await registry.get('a'))?.createRevision, again);
    },
  );

  promise(
    'revisions are positive and grow by one with each transaction that writes',
    async ({ registry }) => {
      const { revision } = await registry.range('');
      assert.ok(revision > 0);
      assert.equal(await commit(registry, put('a', '1'), put('b', '1')), revision + 1);
      assert.equal(await commit(registry, remove('missing')), revision + 1);
      assert.equal(await commit(registry), revision + 1);
      assert.equal(await commit(registry, remove('a')), revision + 2);
      assert.equal((await registry.range('nothing/')).revision, revision + 2);
    },
  );

  promise('a range holds the keys below its prefix, in order, page by page', async ({ registry }) => {
    const keys = ['a', 'a/', 'a/1', 'a/2', 'a/10', 'a/\u{ffff}', 'a/\u{10000}', 'a0', 'b/1'];
    await commit(registry, ...keys.map(key => put(key, key)));
    const below = ['a/', 'a/1', 'a/10', 'a/2', 'a/\u{ffff}', 'a/\u{10000}'];
    const whole = await registry.range('a/');
    assert.deepEqual([whole.entries.map(entry => entry.key), whole.more], [below, false]);
    const first = await registry.range('a/', { limit: 3 });
    assert.deepEqual([first.entries.map(entry => entry.key), first.more], [below.slice(0, 3), true]);
    const rest = await registry.range('a/', { limit: 3, after: 'a/10' });
    assert.deepEqual([rest.entries.map(entry => entry.key), rest.more], [below.slice(3), false]);
    assert.equal((await registry.range('')).entries.length, keys.length);
  });

  promise('a value is what it was when it was given, byte for byte', async ({ registry }) => {
    const value = new Uint8Array([0, 255, 128, 0]);
    const committed = registry.transact({ compare: [], write: [{ kind: 'put', key: 'a', value }] });
    value.fill(7);
    await committed;
    assert.deepEqual((await registry.get('a'))?.value, new Uint8Array([0, 255, 128, 0]));
    await commit(registry, put('empty', ''));
    assert.deepEqual((await registry.get('empty'))?.value, new Uint8Array(0));
  });
}

function comparisons(promise: RegistryPromises): void {
  promise('a refused transaction writes nothing', async ({ registry }) => {
    const revision = await commit(registry, put('a', '1'));
    const compare: Compare[] = [key('a', revision), key('b', revision)];
    assert.deepEqual(await registry.transact({ compare, write: [put('a', '2'), put('c', '2')] }), {
      kind: 'refused',
    });
    assert.deepEqual((await registry.get('a'))?.value, bytes('1'));
    assert.equal(await registry.get('c'), undefined);
    assert.equal((await registry.range('')).revision, revision);
  });

  promise(
    'a key is compared by the revision that last wrote it, 0 meaning that it is not there',
    async subject => {
      const { registry } = subject;
      assert.equal(await holds(registry, key('a', 0)), true);
      const first = await commit(registry, put('a', '1'));
      const second = await commit(registry, put('a', '1'));
      assert.deepEqual(
        [
          await holds(registry, key('a', 0)),
          await holds(registry, key('a', first)),
          await holds(registry, key('a', second)),
        ],
        [false, false, true],
      );
      await commit(registry, remove('a'));
      assert.equal(await holds(registry, key('a', 0)), true);
    },
  );

  promise('a range comparison holds on an empty range and fails on a stale one', async ({ registry }) => {
    assert.equal(await holds(registry, below('r/', 0)), true);
    const first = await commit(registry, put('r/1', '1'));
    const second = await commit(registry, put('r/2', '1'));
    await commit(registry, put('r', '1'), put('r0', '1'));
    assert.deepEqual(
      [
        await holds(registry, below('r/', 0)),
        await holds(registry, below('r/', first)),
        await holds(registry, below('r/', second)),
      ],
      [false, false, true],
    );
  });

  promise('a range comparison holds from the revision of a delete on', async subject => {
    const { registry, countsDeletes } = subject;
    const written = await commit(registry, put('r/1', '1'), put('r/2', '1'));
    const deleted = await commit(registry, remove('r/1'));
    assert.equal(await holds(registry, below('r/', written)), !countsDeletes);
    assert.equal(await holds(registry, below('r/', deleted)), true);
    const emptied = await commit(registry, remove('r/2'));
    assert.equal(await holds(registry, below('r/', deleted)), !countsDeletes);
    assert.equal(await holds(registry, below('r/', emptied)), true);
  });

  promise('a range that was emptied long ago is an empty range', async subject => {
    await commit(subject.registry, put('r/1', '1'));
    await commit(subject.registry, remove('r/1'));
    await subject.compact();
    assert.equal(await holds(subject.registry, below('r/', 0)), true);
  });

  promise('claims that race for one range never exceed its limit', async ({ registry }) => {
    const limit = 20;
    const claim = async (claimer: number): Promise<number> => {
      for (let claimed = 0; ; ) {
        const { entries: held, revision } = await registry.range('grants/');
        const free = limit - held.reduce((sum, entry) => sum + Number(text(entry.value)), 0);
        if (free === 0) return claimed;
        const write = [put(`grants/${claimer}`, `${claimed + 1}`)];
        const { kind } = await registry.transact({ compare: [below('grants/', revision)], write });
        if (kind === 'committed') claimed += 1;
      }
    };
    const claimed = await Promise.all(Array.from({ length: 8 }, (_, claimer) => claim(claimer)));
    assert.equal(
      claimed.reduce((sum, each) => sum + each, 0),
      limit,
    );
  });
}

function failures(promise: RegistryPromises): void {
  promise('without its store a transaction is unknown and a read is refused', async subject => {
    const { registry } = subject;
    await commit(registry, put('a', '1'));
    await subject.breakStore();
    assert.deepEqual(await registry.transact({ compare: [], write: [put('a', '2')] }), { kind: 'unknown' });
    const unavailable = (error: unknown) => isFailure(error, 'registry-unavailable');
    await assert.rejects(registry.get('a'), unavailable);
    await assert.rejects(registry.range(''), unavailable);
    await assert.rejects(take(registry, '', 1, 1), unavailable);
  });
}

function restarts(promise: RegistryPromises): void {
  promise('what was committed is there after a restart, and revisions go on', async subject => {
    if (!subject.reopen) return;
    const revision = await commit(subject.registry, put('a', '1'));
    await subject.reopen();
    assert.equal((await subject.registry.get('a'))?.modRevision, revision);
    assert.equal(await commit(subject.registry, put('a', '2')), revision + 1);
    const batches = await take(subject.registry, 'a', revision, 2);
    assert.deepEqual(
      batches.map(batch => batch.revision),
      [revision, revision + 1],
    );
  });

  promise('a restart ends the leases of who lived in that process, and no others', async subject => {
    if (!subject.reopen) return;
    const lease = await subject.registry.grantLease(60_000);
    const revision = await commit(subject.registry, put('l/1', '1', lease), put('kept', '1'));
    await subject.reopen();
    assert.notEqual(await subject.registry.get('kept'), undefined);
    if (subject.leasesOutliveReopen) {
      assert.equal(await subject.registry.renewLease(lease), true);
      assert.equal((await subject.registry.get('l/1'))?.lease, lease);
      await subject.registry.revokeLease(lease);
    }
    assert.deepEqual(await deletedKeys(subject.registry, 'l/', revision + 1, 1), ['l/1']);
    assert.equal(await subject.registry.renewLease(lease), false);
  });
}
