import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { drainBoundMs } from '../../cli/src/local-cluster/drain-bounds.ts';
import { readSettings } from '../../cli/src/settings.ts';
import { type ComposeFile, type ComposeService, DEPLOY, readComposeFile } from './compose-file.ts';
import { readVariables } from './unit-file.ts';

type Role = 'gateway' | 'placement' | 'worker' | 'events';

/** By name; etcd and nats are not of Lambent. */
function membersOf({ services }: ComposeFile): [role: Role, service: ComposeService][] {
  return Object.values(services).flatMap(service => {
    const [program, role] = service.command;
    return program === 'lambent' ? [[role as Role, service] as [Role, ComposeService]] : [];
  });
}

function durationMs(text: string): number {
  return Number.parseInt(text, 10) * (text.endsWith('m') ? 60_000 : 1_000);
}

describe('the compose file', () => {
  let file: ComposeFile;
  before(async () => {
    file = await readComposeFile();
  });

  test('runs every role, all but the worker twice, and the engines', () => {
    const names = Object.keys(file.services).toSorted();
    const twice = ['events', 'gateway', 'placement'].flatMap(role => [`${role}-1`, `${role}-2`]);
    assert.deepEqual(names, [...twice, 'etcd', 'nats', 'worker'].toSorted());
  });

  test('tells members only what there is to tell them', () => {
    for (const [role, { environment }] of membersOf(file)) {
      const settings = readSettings(environment);
      assert.equal(settings.cluster.tls, '/etc/lambent/tls', role);
      assert.equal(settings.gateway.insecureListen, false, role);
    }
  });

  test('has everybody listen on a port of its own, and asks for health where it is answered', () => {
    const taken = Object.values(file.services).flatMap(portsOf);
    assert.deepEqual(taken.toSorted(), [...new Set(taken)].toSorted());
    for (const [role, { environment, healthcheck }] of membersOf(file)) {
      const settings = readSettings(environment);
      const { adminPort } = role === 'gateway' ? settings.gateway : settings[`${role}Admin`];
      assert.equal(healthcheck.test[3], `http://127.0.0.1:${adminPort}/readyz`);
    }
  });

  test('leads members to the engines it starts', async () => {
    const { etcd, nats } = file.services;
    const natsConfiguration = await readFile(path.join(DEPLOY, 'nats.conf'), 'utf8');
    const natsPort = /^port: (\d+)$/m.exec(natsConfiguration)?.[1];
    const monitor = /^http: "(.+)"$/m.exec(natsConfiguration)?.[1];
    assert.equal(nats?.healthcheck.test[3], `http://${monitor}/healthz`);
    assert.equal(etcd?.healthcheck.test[3], `${etcd?.environment['ETCD_LISTEN_METRICS_URLS']}/health`);
    for (const [, { environment }] of membersOf(file)) {
      assert.equal(`https://${environment['LAMBENT_ETCD']}`, etcd?.environment['ETCD_ADVERTISE_CLIENT_URLS']);
      assert.equal(environment['LAMBENT_NATS'], `${nats?.environment['NATS_ADDRESS']}:${natsPort}`);
      assert.equal(environment['LAMBENT_NATS_MONITOR'], `http://${monitor}`);
    }
  });

  test('lets everybody drain before it is killed', () => {
    for (const [role, { environment, stop_grace_period }] of membersOf(file)) {
      const bound = drainBoundMs(role, readSettings(environment));
      assert.ok(durationMs(stop_grace_period) >= bound, `${role}: ${stop_grace_period} < ${bound} ms`);
    }
  });

  test('gives everybody a volume of its own, and nobody but the worker any privilege', () => {
    const named = Object.values(file.services).flatMap(({ volumes }) =>
      volumes.filter(volume => typeof volume === 'string').map(volume => volume.split(':')[0]),
    );
    assert.deepEqual(named.toSorted(), Object.keys(file.volumes).toSorted());
    for (const [name, service] of Object.entries(file.services)) {
      const confined = service.cap_drop && service.read_only && service.security_opt;
      assert.equal(confined === undefined, name === 'worker', name);
      assert.equal(service.privileged, name === 'worker' ? true : undefined, name);
    }
  });

  test('starts what the Dockerfile makes of this version', async () => {
    const repository = path.dirname(DEPLOY);
    const { version } = JSON.parse(await readFile(path.join(repository, 'package.json'), 'utf8'));
    const dockerfile = await readFile(path.join(DEPLOY, 'Dockerfile'), 'utf8');
    assert.match(dockerfile, new RegExp(`--tag lambent:${version} `));
    for (const { image } of Object.values(file.services)) assert.equal(image, `lambent:${version}`);
  });

  test('is on several machines what its variables say, all of which the example has', async () => {
    const example = await readVariables('../compose.env.example');
    const text = await readFile(path.join(DEPLOY, 'compose.yaml'), 'utf8');
    const asked = new Set([...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name));
    assert.deepEqual(Object.keys(example).toSorted(), [...asked].toSorted());
    const { services } = await readComposeFile({ ...example, ADDRESS: '10.0.0.2', NATS_MONITOR: '' });
    assert.equal(services['etcd']?.environment['ETCD_LISTEN_PEER_URLS'], 'https://10.0.0.2:2380');
    assert.equal(services['nats']?.command.at(-1), '/etc/lambent/nats-cluster.conf');
    const { cluster } = readSettings(services['worker']?.environment ?? {});
    assert.equal(cluster.listen, '10.0.0.2:7000');
    assert.deepEqual([cluster.natsReplicas, cluster.natsMonitor], ['3', undefined]);
  });
});

/** Every port that a service is told to listen on; the network is the host's, so no two may have one. */
function portsOf({ command, environment }: ComposeService): string[] {
  const [program, role] = command;
  if (program === 'nats-server') return ['4222', '6222', '8222'];
  if (program === 'etcd') {
    const urls = Object.entries(environment).filter(([name]) => /^ETCD_LISTEN_.*_URLS$/.test(name));
    return urls.map(([, url]) => new URL(url).port);
  }
  const { gateway, cluster, ...admins } = readSettings(environment);
  if (role === 'gateway') return [gateway.port, gateway.grpcPort, gateway.adminPort].map(String);
  const { adminPort } = admins[`${role as Exclude<Role, 'gateway'>}Admin`];
  return role === 'events' ? [String(adminPort)] : [String(adminPort), cluster.listen.split(':')[1] ?? ''];
}
