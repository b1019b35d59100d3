import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestNatsCluster, waitFor } from '@lambent/testing';
import { openNatsBus } from './fixtures/open-nats-bus.ts';

const OTHERS = 2;

test('with three replicas a queue goes on when the server of its leader is killed', async () => {
  await using servers = new AsyncDisposableStack();
  const engines = await startTestNatsCluster(1 + OTHERS);
  for (const engine of engines) servers.use(engine);
  await using opened = await openNatsBus({
    url: engines.map(({ url }) => url),
    replicas: engines.length,
    delayStepsMs: [500],
  });
  // At once: the servers do not know each other yet.
  const queue = await opened.bus.openQueue('queue', { maxMessages: 1_000, redeliverAfterMs: 2_000 });
  const ids = Array.from({ length: 200 }, (_, index) => `${index}`);
  const enqueue = (part: readonly string[]) =>
    Promise.all(
      part.map(id =>
        queue.enqueue({ id, body: new Uint8Array(1), headers: {}, delayMs: id.endsWith('7') ? 500 : 0 }),
      ),
    );
  await enqueue(ids.slice(0, 100));
  const taken = new Set<string>();
  const take = async (count: number) => {
    await waitFor(`${count} are taken`, async () => {
      for (const delivery of await queue.pull({ max: 20, waitMs: 500 })) {
        await delivery.acknowledge();
        assert.ok(!taken.has(delivery.id), `${delivery.id} came again`);
        taken.add(delivery.id);
      }
      return taken.size >= count;
    });
  };
  await take(50);
  const { cluster } = await opened.connection.manager.streams.info('test-queue-queue');
  const leader = engines.findIndex((_, index) => cluster?.leader === `nats-${index}`);
  await engines[leader]?.server.kill9();
  await enqueue(ids.slice(100));
  await take(ids.length);
  assert.deepEqual([...taken].toSorted(), ids.toSorted());
});
