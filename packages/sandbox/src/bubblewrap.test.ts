import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { isFailure } from '@lambent/core';
import type { Sandbox } from './sandbox.ts';
import { node, python, SandboxesUnderTest } from './sandboxes-under-test.ts';

/** What only a confined sandbox promises. */
suite('a confined sandbox', () => {
  test('is found to hold everything on this machine', async () => {
    await using under = await SandboxesUnderTest.open();
    const { outbound, ...needed } = under.sandboxes.confinement;
    for (const [name, finding] of Object.entries(needed))
      assert.ok(finding.held, `${name}: ${finding.detail}`);
    assert.deepEqual(outbound, { held: false, detail: 'denied by the settings' });
  });

  test('has a /tmp of the size asked, that is its own', async () => {
    await using under = await SandboxesUnderTest.open();
    const script = `const fs = require('node:fs'); const file = fs.openSync('/tmp/big', 'w'); let mb = 0;
      try { for (;;) { fs.writeSync(file, Buffer.alloc(1 << 20)); mb++; } } catch (error) { console.log(error.code, mb); }`;
    assert.equal((await under.run(node(script), { ephemeralStorageMb: 4 })).stdout, 'ENOSPC 4\n');
    assert.equal((await under.run(['/bin/ls', '-A', '/tmp'])).stdout, '');
  });

  test("runs as AWS's user, without a group, a right or a name of the host", async () => {
    await using under = await SandboxesUnderTest.open();
    const script = 'id -un; id -Gn; uname -n; grep -E "^(Cap|NoNewPrivs|Seccomp:)" /proc/self/status';
    const { stdout } = await under.run(['/bin/sh', '-c', script], { environment: { PATH: '/usr/bin' } });
    const none = '0'.repeat(16);
    assert.deepEqual(stdout.replaceAll('\t', ' ').split('\n'), [
      'sbx_user1051',
      'sbx_user1051',
      'sandbox',
      ...['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map(set => `Cap${set}: ${none}`),
      'NoNewPrivs: 1',
      'Seccomp: 2',
      '',
    ]);
    assert.notEqual(hostname(), 'sandbox');
  });

  test('sees of the host its distribution and nothing else', async () => {
    await using under = await SandboxesUnderTest.open();
    const { stdout } = await under.run(['/bin/sh', '-c', 'echo /* /var/* /usr/local/* /run/* /root /home']);
    const roots = [
      '/bin',
      '/dev',
      '/etc',
      '/lib',
      '/lib64',
      '/proc',
      '/run',
      '/sbin',
      '/tmp',
      '/usr',
      '/var',
    ];
    const seen = stdout
      .trim()
      .split(' ')
      .filter(name => !['/lib32', '/lib64'].includes(name));
    assert.deepEqual(seen, [
      ...roots.filter(name => name !== '/lib64'),
      '/var/lang',
      '/var/task',
      '/usr/local/*',
      '/run/*',
      '/root',
      '/home',
    ]);
    const { stdout: hosts } = await under.run(['/bin/cat', '/etc/hosts', '/etc/resolv.conf']);
    assert.match(hosts, /127\.0\.0\.1 localhost sandbox\.localdomain/);
    assert.doesNotMatch(hosts, /nameserver/);
  });

  test('hands out what a Node.js program listens on inside', async () => {
    await using under = await SandboxesUnderTest.open();
    const script = `const { createServer, connect } = require('node:net');
      const doorways = process.env.LAMBENT_DOORWAYS.split(',').map(doorway => doorway.split(':'));
      let open = 0;
      for (const [name, port] of doorways) {
        const server = createServer().listen(Number(port), '127.0.0.1', () =>
          process.send(name, server, () => { server.close(); if (++open === doorways.length) knock(); }));
      }
      const knock = () => {
        process.disconnect();
        for (const name of ['API', 'AWS']) {
          const [host, port] = process.env[name].split(':');
          connect(Number(port), host).end(name + ' ').pipe(process.stdout, { end: false });
        }
      };`;
    await using sandbox = await under.start(node(script), {
      doorways: { 'runtime-api': 9001, 'aws-endpoint': 9000 },
      environment: { API: '{doorway:runtime-api}', AWS: '{doorway:aws-endpoint}' },
    });
    const said = text(sandbox.stdout);
    for (const name of ['runtime-api', 'aws-endpoint'] as const) {
      const server = await sandbox.doorway(name);
      server.on('connection', socket => socket.on('data', data => socket.end(`${name} heard ${data}`)));
    }
    sandbox.closeDoorways();
    const words = await said;
    assert.match(words, /runtime-api heard API/);
    assert.match(words, /aws-endpoint heard AWS/);
  });

  test('hands out what a Python program listens on inside', async () => {
    await using under = await SandboxesUnderTest.open();
    const script = [
      'import json, os, socket',
      'server = socket.create_server(("127.0.0.1", 9001))',
      'channel = socket.socket(fileno=int(os.environ["NODE_CHANNEL_FD"]))',
      'message = {"cmd": "NODE_HANDLE", "type": "net.Server", "msg": "runtime-api"}',
      'socket.send_fds(channel, [json.dumps(message).encode() + b"\\n"], [server.fileno()])',
      'print(socket.create_connection(("127.0.0.1", 9001)).recv(100).decode(), end="")',
    ].join('\n');
    await using sandbox = await under.start(python(script), { doorways: { 'runtime-api': 9001 } });
    const server = await sandbox.doorway('runtime-api');
    server.on('connection', socket => socket.end('hello'));
    assert.equal(await text(sandbox.stdout), 'hello');
  });

  test('that ends before it made a doorway rejects who waits for it; one not planned is not there', async () => {
    await using under = await SandboxesUnderTest.open();
    await using sandbox = await under.start(['/bin/true'], { doorways: { 'runtime-api': 9001 } });
    for (const name of ['runtime-api', 'aws-endpoint'] as const)
      await assert.rejects(sandbox.doorway(name), error => isFailure(error, 'environment-failed'));
  });

  test('is reached by nobody through its doorway once it is disposed of', async () => {
    await using under = await SandboxesUnderTest.open();
    const script = `const server = require('node:net').createServer()
      .listen(9001, '127.0.0.1', () => process.send('runtime-api', server)); setInterval(() => {}, 1000);`;
    const sandbox = await under.start(node(script), { doorways: { 'runtime-api': 9001 } });
    const server = await sandbox.doorway('runtime-api');
    await sandbox[Symbol.asyncDispose]();
    assert.equal(server.listening, false);
  });

  test('of a plan that breaks the rules is a mistake', async () => {
    await using under = await SandboxesUnderTest.open();
    for (const changes of [
      { id: '../x' },
      { mounts: { '/var/../etc': '/tmp' } },
      { mounts: { '/opt': 'relative' } },
      { environment: { 'A=B': '' } },
      { environment: { A: '{doorway:runtime-api}' } },
    ])
      await assert.rejects(under.start(['/bin/true'], changes), RangeError);
    await assert.rejects(under.start(['bootstrap']), RangeError);
  });

  test('that sends garbage where doorways are expected harms nobody, and gets none', async () => {
    await using under = await SandboxesUnderTest.open();
    const handle = { cmd: 'NODE_HANDLE', type: 'net.Server', msg: 'runtime-api' };
    const messages = [
      'not json',
      'null',
      '[]',
      '"runtime-api"',
      JSON.stringify({ cmd: 'NODE_HANDLE_ACK' }),
      JSON.stringify({ cmd: 'NODE_HANDLE_NACK' }),
      JSON.stringify({ cmd: 'NODE_HANDLE' }),
      JSON.stringify({ ...handle, type: 'net.Socket' }),
      JSON.stringify(handle),
      'x'.repeat(1 << 20),
    ];
    for (const message of messages) {
      const script = `import os, socket
channel = socket.socket(fileno=3)
try: channel.sendall(os.environ["MESSAGE"].encode() * int(os.environ["TIMES"]) + b"\\n"); channel.recv(1)
except OSError: pass`;
      const sent = { MESSAGE: message.slice(0, 1_000), TIMES: message.length > 1_000 ? '2000' : '1' };
      const listening = countListening();
      const doorways = { 'runtime-api': 9001 };
      await using sandbox = await under.start(python(script), { doorways, environment: sent });
      const doorway = sandbox.doorway('runtime-api');
      await assert.rejects(Promise.race([doorway, ended(sandbox)]), message);
      assert.equal(countListening(), listening);
    }
  });

  test('that hands out a socket which does not listen, or a pipe, harms nobody', async () => {
    await using under = await SandboxesUnderTest.open();
    for (const made of [
      'socket.socketpair()[0]',
      'socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
      'connected()',
    ]) {
      const script = `import json, socket
channel = socket.socket(fileno=3)
def connected():
    server = socket.create_server(("127.0.0.1", 7000))
    return socket.create_connection(("127.0.0.1", 7000))
message = {"cmd": "NODE_HANDLE", "type": "net.Server", "msg": "runtime-api"}
handed = ${made}
socket.send_fds(channel, [json.dumps(message).encode() + b"\\n"], [handed.fileno()])
while channel.recv(100): pass`;
      await using sandbox = await under.start(python(script), { doorways: { 'runtime-api': 9001 } });
      await assert.rejects(Promise.race([sandbox.doorway('runtime-api'), ended(sandbox)]), made);
    }
  });
});

/** Rejects when the program has ended. */
async function ended(sandbox: Sandbox): Promise<never> {
  throw new Error(`it ended with ${JSON.stringify(await sandbox.exited)}`);
}

/** How many servers this process has. */
function countListening(): number {
  return process.getActiveResourcesInfo().filter(name => name === 'TCPServerWrap').length;
}
