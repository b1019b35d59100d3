import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { tiedToThisProcess } from '@lambent/engines';
import { type ClusterProcess, startCluster } from '@lambent/testing';
import { Agent, request } from 'undici';
import { DeployedFunctions } from '../load/deployed-functions.ts';
import { openLambdaTarget } from '../load/http-target.ts';
import { expectEcho } from '../load/outcome.ts';
import { ratioOf } from '../report/ratio.ts';
import { metricIn } from './exposition.ts';
import type { Bench, Figures } from './figure.ts';
import { CONNECTIONS, load } from './interleaved.ts';

/** P8: what warm invocations write to etcd, by etcd's own count. */
export const writes = { name: 'writes', measure: measureWrites } as const;

const FUNCTION = 'bench-writes';
const CALLERS = 16;
/** Calls of etcd's API that change something; leases are renewed in others. */
const WRITING_METHODS = ['Txn', 'Put', 'DeleteRange'];

async function measureWrites(bench: Bench): Promise<Figures> {
  await using cluster = await startCluster({ enter: tiedToThisProcess() });
  const plan = { name: FUNCTION, runtime: 'nodejs24.x', memoryMb: 256, timeoutSeconds: 30 } as const;
  await using _functions = await DeployedFunctions.deploy(cluster.client(0), [plan]);
  await using target = openLambdaTarget({
    ...CONNECTIONS,
    name: 'cluster',
    origin: cluster.url,
    functionNames: [FUNCTION],
    judge: expectEcho(CONNECTIONS.event),
  });
  await using etcd = await openEtcd(cluster);
  await load(target, { callers: CALLERS, block: 0, bench });
  const written: number[] = [];
  const thousands: number[] = [];
  for (let block = 1; block <= bench.blocks; block++) {
    bench.progress(`writes: block ${block}/${bench.blocks}`);
    const before = await etcd.written();
    const { tally } = await load(target, { callers: CALLERS, block, bench });
    written.push((await etcd.written()) - before);
    thousands.push(tally.ok / 1_000);
  }
  return {
    tables: [
      {
        title: 'warm, on a cluster, by block',
        columns: written.map((_, block) => String(block + 1)),
        rows: [
          ['thousands of invocations', ...thousands],
          ['etcd writes', ...written],
        ],
      },
    ],
    findings: [
      {
        about: 'P8  etcd writes per 1,000 warm invocations',
        goal: { atMost: 1 },
        ratio: ratioOf(written, thousands),
      },
    ],
    notes: ['Writes of the whole cluster in that time: what its members write of themselves is among them.'],
  };
}

interface EtcdCounter extends AsyncDisposable {
  /** How many writes all of its servers have answered. */
  written(): Promise<number>;
}

async function openEtcd(cluster: ClusterProcess): Promise<EtcdCounter> {
  const { engines, operator } = await cluster.record();
  const urls = engines.filter(({ kind }) => kind === 'etcd').map(({ url = '' }) => url);
  const file = (name: string) => readFile(path.join(operator ?? '', name));
  const agent = new Agent({
    ...(operator !== undefined && {
      connect: { ca: await file('ca.pem'), cert: await file('cert.pem'), key: await file('key.pem') },
    }),
  });
  const writtenTo = async (url: string) => {
    const { body } = await request(`${url}/metrics`, { dispatcher: agent });
    const text = await body.text();
    return WRITING_METHODS.map(grpc_method =>
      metricIn(text, 'grpc_server_handled_total', { grpc_service: 'etcdserverpb.KV', grpc_method }),
    ).reduce((sum, count) => sum + count, 0);
  };
  return {
    async written() {
      const counts = await Promise.all(urls.map(writtenTo));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    [Symbol.asyncDispose]: () => agent.close(),
  };
}
