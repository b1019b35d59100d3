/** Three of etcd and three of NATS: their leaders are killed under a steady load, and come back as followers. */
import { readFile } from 'node:fs/promises';
import https from 'node:https';
import type { EtcdServer, NatsServer } from '@lambent/engines';
import { waitFor } from '@lambent/testing';
import type { ClusterStage } from './cluster-stage.ts';
import { faultSuite, type StagedFault } from './fault-suite.ts';
import { elapsed } from './fault-trial.ts';
import type { StageEngine } from './stage-engines.ts';

/** Longer than an election takes. */
const AWAY_MS = 4_000;
const ANSWER_MS = 2_000;

const FAULTS: readonly StagedFault[] = [
  {
    title: 'the leader of etcd is killed, and nothing fails',
    name: 'etcd-leader',
    strike: async stage => {
      await loseAndRegain(await etcdLeader(stage));
      return {};
    },
  },
  {
    title: 'the leader of NATS is killed, and only what goes over NATS fails',
    name: 'nats-leader',
    strike: async stage => {
      await loseAndRegain(await natsLeader(stage));
      return { processes: ['nats'] };
    },
  },
];

async function loseAndRegain({ engine }: StageEngine<EtcdServer> | StageEngine<NatsServer>): Promise<void> {
  await engine.server.kill9();
  await elapsed(AWAY_MS);
  await engine.restart();
}

async function etcdLeader({ foundation }: ClusterStage): Promise<StageEngine<EtcdServer>> {
  const { ca, cert, key } = await foundation.certificates.filesOf('client');
  const shown = { ca: await readFile(ca), cert: await readFile(cert), key: await readFile(key) };
  return leaderAmong(foundation.etcd, async ({ engine }) =>
    /^etcd_server_is_leader 1$/m.test(await read(`${engine.url}/metrics`, shown)),
  );
}

/** Of the servers as a whole, and so of some of the streams. */
async function natsLeader({ foundation }: ClusterStage): Promise<StageEngine<NatsServer>> {
  return leaderAmong(foundation.nats, async ({ host, engine }) => {
    const response = await fetch(`${engine.server.monitorUrl}/jsz`);
    const { meta_cluster } = (await response.json()) as { meta_cluster?: { leader?: string } };
    return meta_cluster?.leader === host.name;
  });
}

function leaderAmong<Engine>(engines: readonly Engine[], leads: (engine: Engine) => Promise<boolean>) {
  return waitFor('a leader', async () => {
    for (const engine of engines) if (await leads(engine)) return engine;
    return undefined;
  });
}

function read(url: string, credentials: https.RequestOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = https.get(url, { agent: false, timeout: ANSWER_MS, ...credentials }, response => {
    let text = '';
    response.setEncoding('utf8').on('data', chunk => {
      text += chunk;
    });
    response.once('end', () => resolve(text)).once('error', reject);
  });
  request.once('timeout', () => request.destroy(new Error('no answer'))).once('error', reject);
  return promise;
}

faultSuite('three of each engine', FAULTS, { engines: 3, members: { events: 1 } });
