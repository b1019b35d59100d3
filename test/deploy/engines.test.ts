import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { readMaterial } from '@lambent/certificates';
import { SystemClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { type EnginePrograms, findEngines, freePort } from '@lambent/engines';
import { NatsConnection } from '@lambent/nats';
import { TEST_TOOLS, waitFor } from '@lambent/testing';
import { ClusterCertificates } from '../cluster/cluster-certificates.ts';
import { DEPLOY, readComposeFile } from './compose-file.ts';
import { readUnit, readVariables } from './unit-file.ts';

const run = promisify(execFile);
const HOST = '127.0.0.1';

suite('the engines, configured as deploy/ has it', () => {
  let programs: EnginePrograms;
  let certificates: ClusterCertificates;
  let directory: string;
  before(async () => {
    const found = await findEngines({ toolsDirectory: TEST_TOOLS.cache, env: process.env });
    assert.ok(found, 'npm test fetches them');
    programs = found;
    certificates = await ClusterCertificates.make();
    directory = await mkdtemp(path.join(tmpdir(), 'lambent-deploy-'));
  });
  after(async () => {
    await certificates[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  });

  /** What systemd or a container tells nats-server, with certificates of ours. */
  async function natsVariables(): Promise<Record<string, string>> {
    const { ca, cert, key } = await certificates.filesOf('nats');
    return { ...(await readVariables('nats.env')), NATS_CA: ca, NATS_CERT: cert, NATS_KEY: key };
  }

  test('nats-server takes both files', async () => {
    const env = await natsVariables();
    for (const name of ['nats.conf', 'nats-cluster.conf']) {
      const { stderr, stdout } = await run(programs.natsServer, ['-t', '-c', path.join(DEPLOY, name)], {
        env,
      });
      assert.match(stdout + stderr, /is valid/);
    }
  });

  test('a NATS server is fit for Lambent, and keeps what it acknowledges', async () => {
    const [port, monitorPort] = [await freePort(), await freePort()];
    const file = path.join(directory, 'nats.conf');
    const text = await readFile(path.join(DEPLOY, 'nats.conf'), 'utf8');
    await writeFile(file, text.replace('/var/lib/nats', path.join(directory, 'nats')));
    const elsewhere = ['-p', port, '-m', monitorPort];
    const env = { ...(await natsVariables()), NATS_ADDRESS: HOST };
    await using _server = running(programs.natsServer, ['-c', file, ...elsewhere.map(String)], env);
    const clock = new SystemClock();
    await using connection = await NatsConnection.open({
      name: 'test',
      servers: [`${HOST}:${port}`],
      tls: await readMaterial(await certificates.directoryOf('gateway'), { clock }),
      cluster: 'lambent',
      clusterId: 'test',
      replicas: 3,
      monitorUrl: `http://${HOST}:${monitorPort}`,
      clock,
      logger: createLogger({ level: 'silent', service: 'test' }),
    });
    assert.deepEqual(connection.degraded, []);
  });

  test('etcd takes what a container tells it', async () => {
    const [client, peer, metrics] = [await freePort(), await freePort(), await freePort()];
    const ports: Record<string, number> = { 2379: client, 2380: peer, 2381: metrics };
    const { ca, cert, key } = await certificates.filesOf('etcd');
    const files: Record<string, string> = { 'ca.pem': ca, 'cert.pem': cert, 'key.pem': key };
    const { services } = await readComposeFile();
    const told = Object.entries(services['etcd']?.environment ?? {});
    const env = Object.fromEntries(
      told.map(([name, value]) => [
        name,
        value
          .replace(/:(\d{4})$/, (_whole, port: string) => `:${ports[port]}`)
          .replace(/^\/etc\/lambent\/tls\/(.+)$/, (_whole, file: string) => files[file] ?? ''),
      ]),
    );
    await using server = running(programs.etcd, [], { ...env, ETCD_DATA_DIR: path.join(directory, 'etcd') });
    await waitFor('etcd to be well', () => isWell(`http://${HOST}:${metrics}/health`));
    assert.doesNotMatch(server.output(), /unrecognized environment variable/);
  });

  test('systemd tells etcd what a container tells it', async () => {
    const { services } = await readComposeFile();
    const dropIn = await readUnit('etcd.service.d/lambent.conf');
    const ofUnit = (dropIn.get('Environment') ?? []).flatMap(line =>
      line.split(' ').map(word => word.split('=')[0]),
    );
    const told = [...Object.keys(await readVariables('etcd.env')), ...ofUnit, 'ETCD_DATA_DIR'];
    assert.deepEqual(told.toSorted(), Object.keys(services['etcd']?.environment ?? {}).toSorted());
  });

  test('nats-server is told everything that its files ask for, by systemd and in a container', async () => {
    const files = await Promise.all(
      ['nats.conf', 'nats-cluster.conf'].map(name => readFile(path.join(DEPLOY, name), 'utf8')),
    );
    const asked = new Set([...files.join('').matchAll(/ \$(NATS_\w+)/g)].map(([, name]) => name));
    const dropIn = await readUnit('nats-server.service.d/lambent.conf');
    const [ofUnit = ''] = dropIn.get('Environment') ?? [];
    const bySystemd = [...Object.keys(await readVariables('nats.env')), ...ofUnit.matchAll(/NATS_\w+/g)];
    const { services } = await readComposeFile();
    assert.deepEqual(bySystemd.map(String).toSorted(), [...asked].toSorted());
    assert.deepEqual(Object.keys(services['nats']?.environment ?? {}).toSorted(), [...asked].toSorted());
  });
});

/** A program until the end of the scope. */
function running(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return {
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function isWell(url: string): Promise<boolean> {
  return fetch(url).then(
    answer => answer.ok,
    () => false,
  );
}
