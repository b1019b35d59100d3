import { type Blobs, NatsBlobs } from '@lambent/blobs';
import { readMaterial } from '@lambent/certificates';
import { type Clock, SystemRandom } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { NatsConnection } from '@lambent/nats';
import { EtcdRegistry, type Registry } from '@lambent/registry';
import type { ClusterProcess } from '@lambent/testing';

/** The very etcd and NATS that a cluster writes to, under a name of the harness's own. */
export interface ClusterEngines extends AsyncDisposable {
  readonly registry: Registry;
  readonly blobs: Blobs;
}

const NAME = 'bench';
/** Of what the harness itself puts. */
const BLOB_BYTES_MAX = 256 * 1024 * 1024;

export async function openClusterEngines(cluster: ClusterProcess, clock: Clock): Promise<ClusterEngines> {
  await using stack = new AsyncDisposableStack();
  const { engines, operator, replicas } = await cluster.record();
  const urls = (wanted: string) => engines.filter(({ kind }) => kind === wanted).map(({ url = '' }) => url);
  const tls = operator === undefined ? {} : { tls: await readMaterial(operator, { clock }) };
  const random = new SystemRandom();
  const registry = stack.use(
    await EtcdRegistry.open({ ...tls, endpoints: urls('etcd'), namespace: NAME, clock, random }),
  );
  const connection = stack.use(
    await NatsConnection.open({
      ...tls,
      name: NAME,
      servers: urls('nats'),
      patienceMs: 0,
      cluster: NAME,
      clusterId: NAME,
      replicas,
      clock,
      logger: createLogger({ level: 'silent', service: NAME }),
    }),
  );
  const blobs = await NatsBlobs.open({ connection, clock, maxBytes: BLOB_BYTES_MAX });
  const opened = stack.move();
  return { registry, blobs, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
