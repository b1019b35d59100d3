import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findEngines } from './engines.ts';

async function folderWith(programs: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), 'lambent-engines-'));
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(path, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(path, name), 0o755);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('engines on PATH are told with their version, missing and broken ones with a remedy', async () => {
  await using folder = await folderWith({
    nft: 'echo "nftables v1.0.6 (Lester Gooch #5)"',
    ip: 'echo "ip utility, iproute2-6.1.0, libbpf 1.1.2"',
    'nats-server': 'echo "nats-server: v2.10.27" >&2',
    etcd: 'exit 1',
  });
  const engines = await findEngines({ env: { PATH: folder.path }, platform: 'linux', systemPath: '' });
  const versions = Object.fromEntries(engines.map(engine => [engine.program, engine.version]));
  assert.deepEqual(versions, {
    bwrap: undefined,
    ip: '6.1.0',
    nft: '1.0.6',
    'nats-server': '2.10.27',
    etcd: undefined,
  });
  assert.equal(engines[0]?.remedy, 'apt-get install bubblewrap');
});

test('on macOS the remedy is Homebrew, where there is one', async () => {
  const engines = await findEngines({ env: {}, platform: 'darwin', systemPath: '' });
  const remedies = Object.fromEntries(engines.map(engine => [engine.program, engine.remedy]));
  assert.equal(remedies['etcd'], 'brew install etcd');
  assert.equal(remedies['nft'], 'not for this system');
});
