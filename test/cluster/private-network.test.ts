import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { waitFor } from '@lambent/testing';
import { type PrivateHost, PrivateNetwork } from './private-network.ts';

const run = promisify(execFile);

const CONNECT = `const s = require('node:net').connect(+process.argv[2], process.argv[1]);
s.setTimeout(500, () => process.exit(1)); s.on('error', () => process.exit(1)); s.on('data', () => process.exit(0));`;
const SERVE = `require('node:net').createServer(s => s.on('error', () => {}).end('hello')).listen(7000, () => console.log('up'));`;

async function reaches(from: PrivateHost | undefined, address: string, port: number): Promise<boolean> {
  const [command, ...rest] = [...(from?.enter ?? []), process.execPath, '-e', CONNECT, address, String(port)];
  return run(command as string, rest).then(
    () => true,
    () => false,
  );
}

async function serve(host: PrivateHost): Promise<ChildProcess> {
  const [command, ...enter] = host.enter;
  const server = spawn(command, [...enter, process.execPath, '-e', SERVE]);
  let output = '';
  server.stdout.on('data', text => {
    output += text;
  });
  await waitFor('a server', () => output.includes('up'));
  return server;
}

test('hosts reach each other and the test, until a way is cut, and again when it is mended', async () => {
  await using network = await PrivateNetwork.open();
  const [one, other] = [await network.addHost('one'), await network.addHost('other')];
  const servers = [await serve(one), await serve(other)];
  const outside = createServer(socket => void socket.end('hello'));
  await new Promise<void>(resolve => outside.listen(0, network.outsideAddress, resolve));
  const { port } = outside.address() as { port: number };
  try {
    assert.equal(await reaches(one, other.address, 7_000), true);
    assert.equal(await reaches(undefined, one.address, 7_000), true);
    assert.equal(await reaches(one, network.outsideAddress, port), true);
    await network.cut(one, other);
    assert.equal(await reaches(one, other.address, 7_000), false);
    assert.equal(await reaches(other, one.address, 7_000), false, 'an answer needs both directions');
    assert.equal(await reaches(undefined, other.address, 7_000), true, 'others still do');
    await network.mend(one, other);
    assert.equal(await reaches(one, other.address, 7_000), true);
  } finally {
    for (const server of servers) server.kill('SIGKILL');
    outside.close();
  }
});
