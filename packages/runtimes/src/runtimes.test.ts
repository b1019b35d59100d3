import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findRuntimes } from './runtimes.ts';

const OPTIONS = { memoryMb: 512, environment: {} };

test('the Node.js that runs this is nodejs24.x, and starts custom runtimes', async () => {
  const runtimes = await findRuntimes({ searchPath: '' });
  assert.deepEqual(
    runtimes.list().map(runtime => [runtime.identifier, runtime.channel]),
    [
      ['nodejs24.x', 'frames'],
      ['provided.al2', 'http'],
      ['provided.al2023', 'http'],
    ],
  );
  const node = runtimes.get('nodejs24.x');
  assert.equal(node?.detail, `Node.js ${process.versions.node}`);
  assert.equal(node?.command(OPTIONS).at(-1), '/var/runtime/index.cjs');
  assert.equal(
    node?.variables['NODE_PATH'],
    '/opt/nodejs/node24/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task',
  );
  assert.equal(runtimes.get('provided.al2023')?.command(OPTIONS).at(-1), '/var/runtime/custom.cjs');
});

test('a heap is three quarters of the memory, unless the owner says otherwise', async () => {
  const node = (await findRuntimes({ searchPath: '' })).get('nodejs24.x');
  assert.ok(node?.command(OPTIONS).includes('--max-old-space-size=384'));
  for (const option of ['--max-old-space-size=100', '--max_old_space_size=100']) {
    const environment = { NODE_OPTIONS: `--enable-source-maps ${option}` };
    assert.equal(node?.command({ memoryMb: 512, environment }).length, 2);
  }
});

test('what AWS switches off in Node.js 20 and 22 is off unless the owner asks for it', async t => {
  const directory = await programs(t, { node: tells('22.1.0', '/usr/bin/node', '/usr') });
  const node = (await findRuntimes({ searchPath: directory })).get('nodejs22.x');
  const heap = '--max-old-space-size=384';
  const [module, detect] = ['--no-experimental-require-module', '--no-experimental-detect-module'];
  assert.deepEqual(node?.command(OPTIONS), ['/usr/bin/node', heap, module, detect, '/var/runtime/index.cjs']);
  const environment = { NODE_OPTIONS: '--experimental-require-module' };
  assert.deepEqual(node?.command({ memoryMb: 512, environment }), [
    '/usr/bin/node',
    heap,
    detect,
    '/var/runtime/index.cjs',
  ]);
});

test('a program outside /usr is mounted: of Node.js the file, of Python the prefix', async t => {
  const directory = await programs(t, {
    node: tells('20.1.0', '/elsewhere/bin/node', '/elsewhere'),
    'python3.12': tells('3.12.1', '/elsewhere/python/bin/python3.12', '/elsewhere/python'),
  });
  const runtimes = await findRuntimes({ searchPath: directory });
  const node = runtimes.get('nodejs20.x');
  assert.equal(node?.mounts['/var/lang/bin/node'], '/elsewhere/bin/node');
  assert.equal(node?.command(OPTIONS)[0], '/var/lang/bin/node');
  const python = runtimes.get('python3.12');
  assert.equal(python?.mounts['/var/lang'], '/elsewhere/python');
  assert.deepEqual(python?.command(OPTIONS), ['/var/lang/bin/python3.12', '/var/runtime/bootstrap.py']);
  assert.match(python?.variables['LD_LIBRARY_PATH'] ?? '', /^\/var\/lang\/lib:/);
});

test('a runtime is the version it says, whatever its program is called', async t => {
  const directory = await programs(t, {
    python3: tells('3.13.2', '/usr/bin/python3.13', '/usr'),
    'python3.11': tells('3.12.9', '/usr/bin/python3.12', '/usr'),
    'python3.8': tells('3.8.1', '/usr/bin/python3.8', '/usr'),
    'python3.10': 'exit 127',
    'python3.9': 'echo no JSON',
  });
  const runtimes = await findRuntimes({ searchPath: `relative:/not/there:${directory}` });
  const pythons = runtimes.list().filter(runtime => runtime.identifier.startsWith('python'));
  assert.deepEqual(
    pythons.map(runtime => [runtime.identifier, runtime.detail]),
    [
      ['python3.12', 'Python 3.12.9'],
      ['python3.13', 'Python 3.13.2'],
    ],
  );
  assert.equal(runtimes.get('python3.11'), undefined);
});

test('of one version, what needs no mount comes first, and nobody’s home is mounted', async t => {
  const directory = await programs(t, {
    'python3.11': tells('3.11.1', '/elsewhere/bin/python3.11', '/elsewhere'),
    'python3.12': tells('3.12.1', join(homedir(), 'bin/python3.12'), homedir()),
    'python3.13': tells('3.13.1', '/bin/python3.13', '/'),
  });
  const after = await programs(t, { 'python3.11': tells('3.11.9', '/usr/bin/python3.11', '/usr') });
  const runtimes = await findRuntimes({ searchPath: `${directory}:${after}` });
  assert.equal(runtimes.get('python3.11')?.detail, 'Python 3.11.9');
  assert.equal(runtimes.get('python3.12'), undefined);
  assert.equal(runtimes.get('python3.13'), undefined);
});

/** A shell line with which a program tells what it is. */
function tells(version: string, binary: string, prefix: string): string {
  return `echo '${JSON.stringify({ version, binary, prefix })}'`;
}

/** A directory with a shell program of each name. */
async function programs(
  t: { after(undo: () => Promise<void>): void },
  lines: Readonly<Record<string, string>>,
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-programs-'));
  t.after(() => rm(directory, { recursive: true }));
  for (const [name, line] of Object.entries(lines)) {
    await writeFile(join(directory, name), `#!/bin/sh\n${line}\n`);
    await chmod(join(directory, name), 0o755);
  }
  return directory;
}
