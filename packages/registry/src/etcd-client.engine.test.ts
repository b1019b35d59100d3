import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure, SystemClock, SystemRandom, type TlsMaterial } from '@lambent/core';
import { freePort } from '@lambent/engines';
import { startTestEtcd, startTestEtcdCluster, TcpProxy, TestCertificates, waitFor } from '@lambent/testing';
import { EtcdRegistry } from './etcd-registry.ts';
import type { Entry, LeaseId, Registry, TransactionResult, Write } from './registry.ts';

/** The longest deadline of a call, with what two busy cores may add. */
const ANSWER_TIMEOUT_MS = 7_000;

test('everything answers within its deadline while etcd stands still, and works when it goes on', async () => {
  await using etcd = await startTestEtcd();
  await using registry = await openRegistry([etcd.url]);
  const lease = await registry.grantLease(60_000);
  etcd.server.pause();
  const startedMs = performance.now();
  const unavailable = (what: Promise<unknown>) =>
    assert.rejects(what, error => isFailure(error, 'registry-unavailable'));
  const renewal = unavailable(registry.renewLease(lease, { timeoutMs: 300 })).then(() => performance.now());
  const [kind] = await Promise.all([
    transact(registry, put('a')).then(result => result.kind),
    unavailable(registry.get('a')),
    unavailable(registry.range('a')),
    unavailable(registry.grantLease(5_000)),
    unavailable(registry.revokeLease(lease)),
    unavailable(registry.watch('', { fromRevision: 1, signal: new AbortController().signal }).next()),
    unavailable(openRegistry([etcd.url])),
  ]);
  assert.equal(kind, 'unknown');
  assert.ok(performance.now() - startedMs < ANSWER_TIMEOUT_MS);
  assert.ok((await renewal) - startedMs < 1_000);
  etcd.server.resume();
  await waitFor('the registry to answer', () => registry.range(''));
  assert.equal((await transact(registry, put('b'))).kind, 'committed');
});

test('a transaction whose answer is lost is unknown, and was carried out once', async () => {
  await using etcd = await startTestEtcd();
  await using proxy = await TcpProxy.open(etcd.url);
  await using registry = await openRegistry([urlOf(proxy), urlOf(proxy)]);
  await using other = await openRegistry([etcd.url]);
  const before = await transact(registry, put('counter'));
  assert.ok(before.kind === 'committed');
  proxy.mode = 'hold-answers';
  const lost = transact(registry, put('counter'));
  await waitFor('the write', async () => (await other.get('counter'))?.modRevision !== before.revision);
  proxy.mode = 'refuse';
  assert.deepEqual(await lost, { kind: 'unknown' });
  proxy.mode = 'pass';
  const { revision } = await waitFor('the registry to answer', () => registry.range(''));
  assert.equal(revision, before.revision + 1);
});

test('a transaction that could not be sent is asked of the next member', async () => {
  await using etcd = await startTestEtcd();
  const dead = `http://127.0.0.1:${await freePort()}`;
  for (const endpoints of [
    [dead, etcd.url],
    [etcd.url, dead],
  ]) {
    await using registry = await openRegistry(endpoints);
    for (const key of ['a', 'b', 'c']) assert.equal((await transact(registry, put(key))).kind, 'committed');
    assert.equal((await registry.range('')).entries.length, 3);
  }
});

test('claims over kills of etcd are never answered wrongly', async () => {
  await using etcd = await startTestEtcd();
  await using registry = await openRegistry([etcd.url]);
  const kinds = { committed: 0, refused: 0, unknown: 0 };
  const working = new AbortController();
  // Each claimer counts one key up under comparison, so the count tells how many claims were carried out.
  const claim = async (name: string) => {
    let [committed, unknown] = [0, 0];
    while (!working.signal.aborted) {
      const [entry] = await waitFor('a reading', async () => [await registry.get(name)]);
      const compare = [{ kind: 'key', key: name, modRevision: entry?.modRevision ?? 0 }] as const;
      const result = await registry.transact({ compare, write: [put(name, `${countIn(entry) + 1}`)] });
      kinds[result.kind] += 1;
      if (result.kind === 'committed') committed += 1;
      if (result.kind === 'unknown') unknown += 1;
    }
    return { name, committed, unknown };
  };
  const claimers = Array.from({ length: 8 }, (_, index) => claim(`count/${index}`));
  for (let kill = 0; kill < 4; kill++) {
    const before = kinds.committed;
    await waitFor('claims', () => kinds.committed > before + 100);
    await etcd.restart();
  }
  working.abort();
  for (const { name, committed, unknown } of await Promise.all(claimers)) {
    const count = countIn(await waitFor('a reading', () => registry.get(name)));
    assert.ok(
      committed <= count && count <= committed + unknown,
      `${name}: ${committed} ${count} ${unknown}`,
    );
  }
  assert.ok(kinds.unknown > 0);
});

test('reads, writes and renewals go on when one of three members is lost, whichever it is', async () => {
  const cluster = await startTestEtcdCluster(3);
  await using stack = new AsyncDisposableStack();
  for (const etcd of cluster) stack.use(etcd);
  await using registry = await openRegistry(cluster.map(etcd => etcd.url));
  const lease = await registry.grantLease(60_000);
  for (const [index, etcd] of cluster.entries()) {
    if (index % 2 === 0) await etcd.server.kill9();
    else etcd.server.pause();
    await waitFor(
      'a write',
      async () => (await transact(registry, put(`k/${index}`, '', lease))).kind === 'committed',
    );
    assert.equal((await registry.get(`k/${index}`))?.lease, lease);
    assert.equal(await registry.renewLease(lease, { timeoutMs: 3_000 }), true);
    await etcd.restart();
  }
  await registry.revokeLease(lease);
  assert.equal((await registry.range('k/')).entries.length, 0);
});

test('a range of many pages is one reading, whatever is written meanwhile', async () => {
  await using etcd = await startTestEtcd();
  await using registry = await openRegistry([etcd.url]);
  const names = Array.from({ length: 500 }, (_, index) => `r/${`${index}`.padStart(3, '0')}`);
  for (let from = 0; from < names.length; from += 100)
    await transact(registry, ...names.slice(from, from + 100).map(name => put(name)));
  const { revision } = await registry.range('', { limit: 1 });
  const reading = registry.range('r/');
  const writing = transact(registry, ...names.slice(400).map(name => put(name, 'later')));
  const read = await reading;
  await writing;
  assert.deepEqual(
    read.entries.map(entry => entry.key),
    names,
  );
  assert.ok(read.entries.every(entry => entry.modRevision <= read.revision));
  assert.ok(read.revision >= revision);
  const first = await registry.range('r/', { limit: 300 });
  assert.deepEqual([first.entries.length, first.more], [300, true]);
  const rest = await registry.range('r/', { limit: 300, after: names[299] ?? '' });
  assert.deepEqual([rest.entries.map(entry => entry.key), rest.more], [names.slice(300), false]);
});

test('clusters of different names share an etcd and see nothing of each other', async () => {
  await using etcd = await startTestEtcd();
  await using left = await openRegistry([etcd.url]);
  await using right = await EtcdRegistry.open({
    endpoints: [etcd.url],
    namespace: 'test2',
    clock: new SystemClock(),
    random: new SystemRandom(),
  });
  await transact(left, put('a'));
  assert.equal(await right.get('a'), undefined);
  assert.deepEqual((await right.range('')).entries, []);
  assert.equal(
    (await right.transact({ compare: [{ kind: 'range', prefix: '', notAfterRevision: 0 }], write: [] })).kind,
    'committed',
  );
});

test('with certificates only members of the cluster are let in', async () => {
  await using certificates = await TestCertificates.open();
  await using strangers = await TestCertificates.open();
  await using etcd = await startTestEtcd({ tls: (await certificates.issue('etcd')).files });
  const open = (tls?: TlsMaterial) => openRegistry([etcd.url], tls);
  const { material } = await certificates.issue('client');
  await using registry = await open(material);
  assert.equal((await transact(registry, put('a'))).kind, 'committed');
  const watch = registry.watch('', { fromRevision: 1, signal: new AbortController().signal });
  assert.equal((await watch.next()).done, false);
  const lease = await registry.grantLease(60_000);
  assert.equal(await registry.renewLease(lease), true);
  const stranger = (await strangers.issue('client')).material;
  for (const refused of [undefined, stranger, { ...stranger, ca: material.ca }])
    await assert.rejects(open(refused), error => isFailure(error, 'registry-unavailable'));
});

test('a renewed certificate is shown from the next call on, and a watch goes on', async () => {
  await using certificates = await TestCertificates.open();
  await using strangers = await TestCertificates.open();
  await using etcd = await startTestEtcd({ tls: (await certificates.issue('etcd')).files });
  const tls = { ...(await certificates.issue('gateway')).material };
  await using registry = await openRegistry([etcd.url], tls);
  const watch = registry.watch('', { fromRevision: 1, signal: new AbortController().signal });
  const batch = watch.next();
  Object.assign(tls, (await certificates.issue('gateway')).material);
  assert.equal((await transact(registry, put('a'))).kind, 'committed');
  assert.equal((await batch).done, false);
  // One that etcd does not trust: the connection that is used from here on is another one.
  Object.assign(tls, (await strangers.issue('gateway')).material);
  await assert.rejects(registry.get('a'), error => isFailure(error, 'registry-unavailable'));
});

test('disposing ends the watches, and nothing is asked any more', async () => {
  await using etcd = await startTestEtcd();
  await using registry = await openRegistry([etcd.url]);
  await transact(registry, put('a'));
  const watch = registry.watch('', { fromRevision: 1, signal: new AbortController().signal });
  assert.equal((await watch.next()).done, false);
  const next = watch.next();
  await registry[Symbol.asyncDispose]();
  await assert.rejects(next, error => isFailure(error, 'registry-unavailable'));
  await assert.rejects(registry.get('a'), error => isFailure(error, 'registry-unavailable'));
  assert.deepEqual(await transact(registry, put('b')), { kind: 'unknown' });
  await registry[Symbol.asyncDispose]();
});

function openRegistry(endpoints: readonly string[], tls?: TlsMaterial): Promise<EtcdRegistry> {
  const [clock, random] = [new SystemClock(), new SystemRandom()];
  return EtcdRegistry.open({ endpoints, namespace: 'test', clock, random, ...(tls && { tls }) });
}

function put(key: string, value = '', lease?: LeaseId): Write {
  return { kind: 'put', key, value: Buffer.from(value), ...(lease && { lease }) };
}

function countIn(entry: Entry | undefined): number {
  return Number(Buffer.from(entry?.value ?? []).toString());
}

function transact(registry: Registry, ...write: readonly Write[]): Promise<TransactionResult> {
  return registry.transact({ compare: [], write });
}

function urlOf(proxy: TcpProxy): string {
  return `http://127.0.0.1:${proxy.port}`;
}
