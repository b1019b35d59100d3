import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import type { Compare, LeaseId, Registry, WatchBatch, Write } from '@lambent/registry';

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
}

const TEST_TIMEOUT_MS = 20_000;

/** The promises of `Registry`, for any adapter. */
export function registryContract(name: string, open: () => Promise<RegistryUnderTest>): void {
  const promise: Promises = (what, hold) =>
    void test(`${name}: ${what}`, { timeout: TEST_TIMEOUT_MS }, async () => {
      await using subject = await open();
      await hold(subject);
    });
  entries(promise);
  comparisons(promise);
  watches(promise);
  watchBounds(promise);
  leases(promise);
  failures(promise);
  restarts(promise);
}

type Promises = (what: string, hold: (subject: RegistryUnderTest) => Promise<void>) => void;

function entries(promise: Promises): void {
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

function comparisons(promise: Promises): void {
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

function watches(promise: Promises): void {
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

function watchBounds(promise: Promises): void {
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

function leases(promise: Promises): void {
  promise('keys under a lease vanish as delete events when it is revoked', async ({ registry }) => {
    const lease = await registry.grantLease(60_000);
    const revision = await commit(registry, put('l/1', '1', lease), put('l/2', '1', lease), put('l/3', '1'));
    assert.equal((await registry.get('l/1'))?.lease, lease);
    await registry.revokeLease(lease);
    assert.deepEqual(await deletedKeys(registry, 'l/', revision + 1, 2), ['l/1', 'l/2']);
    assert.deepEqual(
      (await registry.range('l/')).entries.map(entry => entry.key),
      ['l/3'],
    );
    assert.equal(await registry.renewLease(lease), false);
    await registry.revokeLease(lease);
  });

  promise('a lease that is not renewed ends after its time, one that is does not', async subject => {
    const { registry } = subject;
    const lease = await registry.grantLease(2_000);
    const revision = await commit(registry, put('l/1', '1', lease));
    await subject.pass(1_200);
    assert.equal(await registry.renewLease(lease), true);
    await subject.pass(1_200);
    assert.notEqual(await registry.get('l/1'), undefined);
    await subject.pass(1_200);
    assert.deepEqual(await deletedKeys(registry, 'l/', revision + 1, 1), ['l/1']);
    assert.equal(await registry.renewLease(lease), false);
  });

  promise('a put under a lease that is gone is refused', async ({ registry }) => {
    const lease = await registry.grantLease(60_000);
    await registry.revokeLease(lease);
    const write = [put('a', '1', lease), put('b', '1')];
    assert.deepEqual(await registry.transact({ compare: [], write }), { kind: 'refused' });
    assert.equal(await registry.get('b'), undefined);
  });

  promise('a key belongs to the lease it was last written under', async ({ registry }) => {
    const [left, right] = [await registry.grantLease(60_000), await registry.grantLease(60_000)];
    await commit(registry, put('freed', '1', left), put('moved', '1', left));
    await commit(registry, put('freed', '2'), put('moved', '2', right));
    await registry.revokeLease(left);
    assert.equal((await registry.get('freed'))?.lease, undefined);
    assert.equal((await registry.get('moved'))?.lease, right);
    await registry.revokeLease(right);
    assert.notEqual(await registry.get('freed'), undefined);
    assert.equal(await registry.get('moved'), undefined);
  });
}

function failures(promise: Promises): void {
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

function restarts(promise: Promises): void {
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

  promise('a restart ends the leases of who lived in that process', async subject => {
    if (!subject.reopen) return;
    const lease = await subject.registry.grantLease(60_000);
    const revision = await commit(subject.registry, put('l/1', '1', lease), put('kept', '1'));
    await subject.reopen();
    assert.deepEqual(await deletedKeys(subject.registry, 'l/', revision + 1, 1), ['l/1']);
    assert.equal(await subject.registry.renewLease(lease), false);
    assert.notEqual(await subject.registry.get('kept'), undefined);
  });
}

function put(key: string, value: string, lease?: LeaseId): Write {
  return { kind: 'put', key, value: bytes(value), ...(lease && { lease }) };
}

function remove(key: string): Write {
  return { kind: 'delete', key };
}

function key(name: string, modRevision: number): Compare {
  return { kind: 'key', key: name, modRevision };
}

function below(prefix: string, notAfterRevision: number): Compare {
  return { kind: 'range', prefix, notAfterRevision };
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}

function keyOf(event: WatchBatch['events'][number]): string {
  return event.kind === 'put' ? event.entry.key : event.key;
}

async function commit(registry: Registry, ...write: Write[]): Promise<number> {
  const result = await registry.transact({ compare: [], write });
  assert.equal(result.kind, 'committed');
  return result.kind === 'committed' ? result.revision : 0;
}

async function holds(registry: Registry, compare: Compare): Promise<boolean> {
  return (await registry.transact({ compare: [compare], write: [] })).kind === 'committed';
}

/** The first `count` batches of a watch. */
async function take(registry: Registry, prefix: string, fromRevision: number, count: number) {
  const batches: WatchBatch[] = [];
  if (count === 0) return batches;
  const { signal } = new AbortController();
  for await (const batch of registry.watch(prefix, { fromRevision, signal })) {
    batches.push(batch);
    if (batches.length === count) break;
  }
  return batches;
}

/** Reads on until so many keys were deleted, whether in one batch or in several. */
async function deletedKeys(registry: Registry, prefix: string, fromRevision: number, count: number) {
  const keys: string[] = [];
  const { signal } = new AbortController();
  for await (const { events } of registry.watch(prefix, { fromRevision, signal })) {
    keys.push(...events.filter(event => event.kind === 'delete').map(keyOf));
    if (keys.length >= count) break;
  }
  return keys.sort();
}
