import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { RunningCluster } from './running-cluster.ts';

/** After a cold start on two busy cores there is some left. */
const LIFE_MS = 15_000;

test('a certificate that ends while its member runs is told, ends no connection, and is renewed in place', async () => {
  await using cluster = await RunningCluster.start({ tls: true, roles: ['placement', 'worker'] });
  const { certificates } = cluster.servers;
  assert.ok(certificates);
  const directory = await certificates.directoryOf('gateway', ['short'], { endsInMs: LIFE_MS });
  const gateway = await cluster.add('gateway', { LAMBENT_TLS: directory });
  const echo = await deploy(gateway.client(), {
    files: { 'index.mjs': 'export const handler = async e => e;' },
  });
  assert.equal((await echo.invoke(1)).payload, 1);
  const ask = async (path: string) => (await fetch(gateway.adminUrl + path)).text();
  const leftSeconds = async () =>
    Number(/^lambent_certificate_expires_seconds (\S+)$/m.exec(await ask('/metrics'))?.[1]);
  assert.match(gateway.logs, /"msg":"certificate expires soon"/);
  assert.match(await ask('/readyz'), /^ready\ncertificate: expiring, its end is \d{4}-/);

  await waitFor('its end', async () => (await leftSeconds()) < 0, { timeoutMs: 2 * LIFE_MS });
  assert.match(await ask('/readyz'), /certificate: expired/);
  assert.equal((await echo.invoke(2)).payload, 2);

  await certificates.directoryOf('gateway', ['short']);
  await waitFor('the renewed one to be seen', async () => (await leftSeconds()) > LIFE_MS / 1_000);
  assert.equal(await ask('/readyz'), 'ready\n');
  assert.match(gateway.logs, /"msg":"certificate renewed"/);
  await cluster.servers.nats.restart();
  await waitFor('NATS to let it in again', async () => (await ask('/readyz')) === 'ready\n');
  assert.equal((await echo.invoke(3)).payload, 3);
});
