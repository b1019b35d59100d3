import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fail, isFailure, SimulatedClock } from '@lambent/core';
import { SqliteStore } from '@lambent/sqlite';
import { type RegistryUnderTest, registryContract } from '@lambent/testing';
import { SqliteRegistry } from './sqlite-registry.ts';

const HISTORY_REVISIONS = 256;

registryContract('SqliteRegistry in memory', () => openUnderTest(':memory:'));

registryContract('SqliteRegistry in a file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-registry-'));
  return openUnderTest(join(directory, 'lambent.db'), () => rm(directory, { recursive: true }));
});

test('a full store answers unknown to what it cannot write, and still reads', async () => {
  await using subject = await openUnderTest(':memory:', undefined, 40 * 4_096);
  const { registry } = subject;
  const value = new Uint8Array(1_000);
  const write = (key: string) =>
    registry.transact({ compare: [], write: [{ kind: 'put', key, value }] }).then(result => result.kind);
  assert.equal(await write('first'), 'committed');
  const kinds = new Set(await Promise.all(Array.from({ length: 400 }, (_, index) => write(`${index}`))));
  assert.ok(kinds.has('unknown'));
  assert.deepEqual((await registry.get('first'))?.value, value);
});

test('a lease whose end could not be written is ended once it can be', async () => {
  await using store = await SqliteStore.open({ file: ':memory:' });
  let failures = 2;
  const failing: Pick<SqliteStore, 'mount'> = {
    async mount(module) {
      const commands = await store.mount(module);
      return {
        run(name, ...rest) {
          if (name === 'endLease' && failures-- > 0)
            return Promise.reject(fail('storage-failed', { detail: 'full' }));
          return commands.run(name, ...rest) as never;
        },
      };
    },
  };
  const clock = new SimulatedClock();
  const warnings: string[] = [];
  const logger = { warn: (_: object, message: string) => void warnings.push(message) };
  await using registry = await SqliteRegistry.open({ store: failing, clock, logger });
  const lease = await registry.grantLease(1_000);
  const write = [{ kind: 'put', key: 'leased', value: new Uint8Array(), lease }] as const;
  const made = await registry.transact({ compare: [], write });
  assert.ok(made.kind === 'committed');
  await clock.advance(2_000);
  assert.notEqual(await registry.get('leased'), undefined);
  assert.equal(await registry.renewLease(lease), false);
  await clock.advance(2_000);
  const watch = registry.watch('', { fromRevision: made.revision + 1, signal: new AbortController().signal });
  const { value: batch } = await watch.next();
  assert.deepEqual(batch?.events, [{ kind: 'delete', key: 'leased' }]);
  assert.deepEqual(warnings, ['lease could not be ended', 'lease could not be ended']);
});

test('what etcd would not take is not taken', async () => {
  await using subject = await openUnderTest(':memory:');
  const { registry } = subject;
  const value = new Uint8Array(1);
  const put = (key: string) => ({ kind: 'put', key, value }) as const;
  await assert.rejects(
    registry.transact({ compare: [], write: [put('a'), put('a')] }),
    assert.AssertionError,
  );
  const many = Array.from({ length: 129 }, (_, index) => put(`${index}`));
  await assert.rejects(registry.transact({ compare: [], write: many }), assert.AssertionError);
  const large = [{ ...put('a'), value: new Uint8Array(2 ** 21) }];
  await assert.rejects(registry.transact({ compare: [], write: large }), error =>
    isFailure(error, 'payload-too-large'),
  );
});

test('disposing ends the watches, and a second time changes nothing', async () => {
  await using subject = await openUnderTest(':memory:');
  const { registry } = subject;
  const { signal } = new AbortController();
  const watched = Array.fromAsync(registry.watch('', { fromRevision: 2, signal }));
  await registry.get('a');
  const [, ended] = await Promise.allSettled([registry[Symbol.asyncDispose](), watched]);
  assert.ok(ended.status === 'rejected' && isFailure(ended.reason, 'registry-unavailable'));
  await registry[Symbol.asyncDispose]();
});

async function openUnderTest(
  file: string,
  clean: () => Promise<void> = async () => {},
  fileBytesMax?: number,
): Promise<RegistryUnderTest> {
  const clock = new SimulatedClock();
  const open = async () => {
    const store = await SqliteStore.open({ file, ...(fileBytesMax && { fileBytesMax }) });
    return {
      store,
      registry: await SqliteRegistry.open({ store, clock, historyRevisions: HISTORY_REVISIONS }),
    };
  };
  let opened = await open();
  const close = async () => {
    await opened.registry[Symbol.asyncDispose]();
    await opened.store[Symbol.asyncDispose]();
  };
  const write = [{ kind: 'put', key: 'unrelated', value: new Uint8Array() }] as const;
  return {
    get registry() {
      return opened.registry;
    },
    slowReaderRevisions: HISTORY_REVISIONS,
    countsDeletes: true,
    pass: ms => clock.advance(ms),
    async compact() {
      for (let written = 0; written < HISTORY_REVISIONS; written++)
        await opened.registry.transact({ compare: [], write });
    },
    breakStore: () => opened.store[Symbol.asyncDispose](),
    ...(file !== ':memory:' && {
      async reopen() {
        await close();
        opened = await open();
      },
    }),
    async [Symbol.asyncDispose]() {
      await close();
      await clean();
    },
  };
}
