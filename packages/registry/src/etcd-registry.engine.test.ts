import { setTimeout as realTime } from 'node:timers/promises';
import { SystemClock, SystemRandom } from '@lambent/core';
import type { EtcdServer } from '@lambent/engines';
import {
  type RegistryUnderTest,
  registryContract,
  startTestEtcd,
  type TestEngine,
  waitFor,
} from '@lambent/testing';
import { openEtcdEndpoint } from './etcd-endpoint.ts';
import { EtcdRegistry } from './etcd-registry.ts';

const WATCH_EVENTS_MAX = 256;

registryContract('EtcdRegistry', async (): Promise<RegistryUnderTest> => {
  const etcd = await startTestEtcd();
  const registry = await EtcdRegistry.open({
    endpoints: [etcd.url],
    namespace: 'test',
    clock: new SystemClock(),
    random: new SystemRandom(),
    watchEventsMax: WATCH_EVENTS_MAX,
  });
  return {
    registry,
    slowReaderRevisions: WATCH_EVENTS_MAX,
    countsDeletes: false,
    leasesOutliveReopen: true,
    pass: ms => realTime(ms),
    compact: () => compact(etcd, registry),
    breakStore: async () => void (await etcd.server.kill9()),
    async reopen() {
      await etcd.restart();
      await waitFor('the registry to answer', async () => (await registry.range('')) !== undefined);
    },
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      await etcd[Symbol.asyncDispose]();
    },
  };
});

async function compact(etcd: TestEngine<EtcdServer>, registry: EtcdRegistry): Promise<void> {
  const { revision } = await registry.range('');
  const { kv, close } = openEtcdEndpoint(etcd.url);
  await kv.compact({ revision, physical: true });
  close();
}
