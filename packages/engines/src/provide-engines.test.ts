import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isFailure } from '@lambent/core';
import { ETCD, findEngine, NATS_SERVER } from './engine-program.ts';
import { findEngines, provideEngines } from './provide-engines.ts';

test('the first program that is new enough is taken, and a broken one is none', async context => {
  const directory = await emptyDirectory(context);
  const folders = ['old', 'broken', 'new', 'newer'].map(name => join(directory, name));
  await program(join(directory, 'old'), 'nats-server', 'echo "nats-server: v2.10.26"');
  await program(join(directory, 'broken'), 'nats-server', 'exit 1');
  await program(join(directory, 'new'), 'nats-server', 'echo "nats-server: v2.10.27"');
  await program(join(directory, 'newer'), 'nats-server', 'echo "nats-server: v2.12.0"');
  assert.equal(await findEngine(NATS_SERVER, folders), join(directory, 'new', 'nats-server'));
  assert.equal(await findEngine(ETCD, folders), undefined);
});

test('a larger first number outweighs smaller ones behind it', async context => {
  const directory = await emptyDirectory(context);
  await program(directory, 'etcd', 'echo "etcd Version: 4.0.1"');
  assert.equal(await findEngine(ETCD, [directory]), join(directory, 'etcd'));
});

test('what was unpacked before is found without asking anybody', async context => {
  const toolsDirectory = await emptyDirectory(context);
  await program(join(toolsDirectory, 'engines/usr/sbin'), 'nats-server', 'echo "nats-server: v9.0.0"');
  await program(join(toolsDirectory, 'engines/usr/bin'), 'etcd', 'echo "etcd Version: 9.0.0"');
  const told: string[] = [];
  const provided = await provideEngines({ toolsDirectory, env: {}, tell: line => told.push(line) });
  assert.match(provided.etcd, /etcd$/);
  assert.match(provided.natsServer, /nats-server$/);
  assert.deepEqual(told, []);
});

test('engines that are not there and cannot be fetched are a failure that names the command', async context => {
  const toolsDirectory = await emptyDirectory(context);
  // apt-get is asked before any network is, and does not want to.
  const folder = join(toolsDirectory, 'bin');
  await program(folder, 'apt-get', 'echo "no lists today" >&2; exit 100');
  const env = { PATH: folder };
  // A machine that has them installed never comes to this.
  if (await findEngines({ toolsDirectory, env })) return;
  await assert.rejects(provideEngines({ toolsDirectory, env, tell() {} }), error => {
    assert.ok(isFailure(error, 'engine-missing'));
    assert.match(
      error.message,
      /nats-server 2\.10\.27 and etcd 3\.5\.0 or newer .* Run: (apt-get|brew) install/s,
    );
    return true;
  });
});

async function emptyDirectory(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-engines-'));
  context.after(() => rm(directory, { recursive: true }));
  return directory;
}

async function program(folder: string, name: string, script: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, name), 0o755);
}
