import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure, SystemClock, SystemRandom } from '@lambent/core';
import { startTestEtcd, startTestEtcdCluster, TcpProxy, waitFor } from '@lambent/testing';
import { openEtcdEndpoint } from './etcd-endpoint.ts';
import { EtcdRegistry } from './etcd-registry.ts';
import type { Registry, WatchBatch, Write } from './registry.ts';

/** A watch is given up after 8 s of silence; an election and the way to the next member want some, too. */
const MEND_TIMEOUT_MS = 30_000;

test('over kills of etcd in the middle of writes a watch misses nothing and gives nothing twice', async () => {
  await using etcd = await startTestEtcd();
  await using registry = await openRegistry(etcd.url);
  await using reader = new Reader(registry, 'w/');
  const committed = new Map<number, string>();
  const writing = new AbortController();
  const writer = (async () => {
    for (let written = 0; !writing.signal.aborted; written++) {
      const revision = await put(registry, `w/${written}`);
      if (revision !== undefined) committed.set(revision, `w/${written}`);
      else await answers(registry);
    }
  })();
  for (let kill = 0; kill < 3; kill++) {
    const before = committed.size;
    await waitFor('writes', () => committed.size > before + 50);
    await etcd.restart();
  }
  writing.abort();
  await writer;
  const stored = (await registry.range('w/')).entries.map(entry => entry.key);
  await waitFor('the watch', () => reader.batches.length >= stored.length);
  assert.deepEqual(
    reader.revisions,
    [...new Set(reader.revisions)].sort((left, right) => left - right),
  );
  for (const [revision, key] of committed) assert.deepEqual(reader.keysAt(revision), [key]);
  // What was unknown and written all the same is in the watch and in the store alike.
  assert.deepEqual(reader.keys.sort(), stored);
});

test('a watch goes on after a cut during which others have written', async () => {
  await using etcd = await startTestEtcd();
  await using proxy = await TcpProxy.open(etcd.url);
  await using registry = await openRegistry(urlOf(proxy));
  await using other = await openRegistry(etcd.url);
  await using reader = new Reader(registry, 'w/');
  const first = await put(other, 'w/1');
  await waitFor('the first change', () => reader.revisions.length === 1);
  proxy.mode = 'refuse';
  await put(other, 'elsewhere');
  await other.transact({ compare: [], write: [write('w/1'), write('w/2')] });
  proxy.mode = 'pass';
  const { revision } = await other.range('');
  await waitFor('the second change', () => reader.revisions.length === 2);
  assert.deepEqual(reader.revisions, [first, revision]);
  assert.deepEqual(reader.keysAt(revision), ['w/1', 'w/2']);
});

test('a watch on a connection that says nothing any more goes on over another', async () => {
  await using etcd = await startTestEtcd();
  await using silent = await TcpProxy.open(etcd.url);
  await using sound = await TcpProxy.open(etcd.url);
  await using registry = await openRegistry(urlOf(silent), urlOf(sound));
  await using other = await openRegistry(etcd.url);
  await using reader = new Reader(registry, 'w/');
  await put(other, 'w/1');
  await waitFor('the first change', () => reader.revisions.length === 1);
  // Whichever of the two it uses: one falls silent, and then the other.
  for (const [held, open] of [
    [silent, sound],
    [sound, silent],
  ] as const) {
    open.mode = 'pass';
    held.mode = 'hold';
    const revision = await put(other, 'w/2');
    await waitFor('the change', () => reader.revisions.at(-1) === revision, { timeoutMs: MEND_TIMEOUT_MS });
  }
});

test('a watch whose next revision was compacted while it was cut off ends typed', async () => {
  await using etcd = await startTestEtcd();
  await using proxy = await TcpProxy.open(etcd.url);
  await using registry = await openRegistry(urlOf(proxy));
  await using other = await openRegistry(etcd.url);
  await using reader = new Reader(registry, 'w/');
  await put(other, 'w/1');
  await waitFor('the first change', () => reader.revisions.length === 1);
  proxy.mode = 'refuse';
  for (const name of ['w/2', 'w/3', 'w/4']) await put(other, name);
  await compact(etcd.url, other);
  proxy.mode = 'pass';
  await assert.rejects(reader.ended, error => {
    assert.ok(isFailure(error, 'registry-compacted'));
    assert.equal(error.fields['revision'], (reader.revisions[0] ?? 0) + 1);
    return true;
  });
  assert.equal(reader.revisions.length, 1);
});

test('what is read at a revision can be watched from the next one, though that one is compacted', async () => {
  await using etcd = await startTestEtcd();
  await using registry = await openRegistry(etcd.url);
  await put(registry, 'w/1');
  await registry.transact({ compare: [], write: [{ kind: 'delete', key: 'w/1' }] });
  const { revision } = await registry.range('w/');
  await compact(etcd.url, registry);
  await using reader = new Reader(registry, 'w/', revision + 1);
  const next = await put(registry, 'w/2');
  await waitFor('the change', () => reader.revisions.length > 0);
  assert.deepEqual(reader.revisions, [next]);
});

test('revisions larger than a message of etcd come whole', async () => {
  await using etcd = await startTestEtcd();
  await using registry = await openRegistry(etcd.url);
  const value = new Uint8Array(7_000);
  const keys = Array.from({ length: 128 }, (_, index) => `w/${index}`);
  const revisions: number[] = [];
  for (let written = 0; written < 6; written++) {
    const result = await registry.transact({
      compare: [],
      write: keys.map(key => ({ kind: 'put', key, value })),
    });
    if (result.kind === 'committed') revisions.push(result.revision);
  }
  await using reader = new Reader(registry, 'w/');
  await waitFor('all of them', () => reader.revisions.length === revisions.length);
  assert.deepEqual(reader.revisions, revisions);
  for (const revision of revisions) assert.deepEqual(reader.keysAt(revision), keys);
});

test('a watch leaves a member that has lost the others, and outlives the loss of them all', async () => {
  const cluster = await startTestEtcdCluster(3);
  await using stack = new AsyncDisposableStack();
  for (const etcd of cluster) stack.use(etcd);
  await using registry = await openRegistry(...cluster.map(etcd => etcd.url));
  await using reader = new Reader(registry, 'w/');
  const first = await written(registry, 'w/1');
  await waitFor('the first change', () => reader.revisions.at(-1) === first);
  for (const etcd of cluster) {
    await etcd.server.kill9();
    const revision = await written(registry, 'w/2');
    await waitFor('the change', () => reader.revisions.at(-1) === revision, { timeoutMs: MEND_TIMEOUT_MS });
    await etcd.restart();
  }
  await Promise.all(cluster.map(etcd => etcd.server.kill9()));
  assert.deepEqual(await registry.transact({ compare: [], write: [write('w/3')] }), { kind: 'unknown' });
  await Promise.all(cluster.map(etcd => etcd.restart()));
  const last = await written(registry, 'w/4');
  await waitFor('the change', () => reader.revisions.at(-1) === last, { timeoutMs: MEND_TIMEOUT_MS });
});

test('a lease that ends while its watcher is cut off is heard of as deletes', async () => {
  await using etcd = await startTestEtcd();
  await using proxy = await TcpProxy.open(etcd.url);
  await using registry = await openRegistry(urlOf(proxy));
  await using other = await openRegistry(etcd.url);
  const lease = await other.grantLease(2_000);
  await other.transact({ compare: [], write: [{ ...write('w/1'), lease }] });
  await using reader = new Reader(registry, 'w/');
  await waitFor('the first change', () => reader.revisions.length === 1);
  proxy.mode = 'refuse';
  await waitFor('the end of the lease', async () => (await other.get('w/1')) === undefined);
  proxy.mode = 'pass';
  await waitFor('the delete', () => reader.revisions.length === 2);
  assert.deepEqual(reader.batches[1]?.events, [{ kind: 'delete', key: 'w/1' }]);
});

/** Reads a watch in the background, as it comes. */
class Reader implements AsyncDisposable {
  readonly batches: WatchBatch[] = [];
  readonly ended: Promise<void>;
  readonly #ending = new AbortController();

  constructor(registry: Registry, prefix: string, fromRevision = 1) {
    this.ended = (async () => {
      const { signal } = this.#ending;
      for await (const batch of registry.watch(prefix, { fromRevision, signal })) this.batches.push(batch);
    })();
    // Whoever expects it to end looks at `ended`.
    this.ended.catch(() => {});
  }

  get revisions(): readonly number[] {
    return this.batches.map(batch => batch.revision);
  }

  get keys(): string[] {
    return this.revisions.flatMap(revision => this.keysAt(revision));
  }

  keysAt(revision: number): string[] {
    const events = this.batches.find(batch => batch.revision === revision)?.events ?? [];
    return events.map(event => (event.kind === 'put' ? event.entry.key : event.key));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.ended.catch(() => {});
  }
}

function openRegistry(...endpoints: readonly string[]): Promise<EtcdRegistry> {
  const [clock, random] = [new SystemClock(), new SystemRandom()];
  return EtcdRegistry.open({ endpoints, namespace: 'test', clock, random });
}

function write(key: string): Write & { kind: 'put' } {
  return { kind: 'put', key, value: Buffer.from(key) };
}

/** The revision; undefined when it is unknown. */
async function put(registry: Registry, key: string): Promise<number | undefined> {
  const result = await registry.transact({ compare: [], write: [write(key)] });
  return result.kind === 'committed' ? result.revision : undefined;
}

/** Writes it until that is known to have happened. */
function written(registry: Registry, key: string): Promise<number> {
  return waitFor('a write', () => put(registry, key), { timeoutMs: MEND_TIMEOUT_MS });
}

function answers(registry: Registry): Promise<unknown> {
  return waitFor('the registry to answer', () => registry.range('', { limit: 1 }));
}

function urlOf(proxy: TcpProxy): string {
  return `http://127.0.0.1:${proxy.port}`;
}

async function compact(url: string, registry: Registry): Promise<void> {
  const { revision } = await registry.range('');
  const { kv, close } = openEtcdEndpoint(url);
  await kv.compact({ revision, physical: true });
  close();
}
