import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '@lambent/testing';
import type { Sandbox, SandboxPlan } from './sandbox.ts';
import { type CodeDirectory, codeDirectory, python, SandboxesUnderTest } from './sandboxes-under-test.ts';
import { AARCH64, X86_64 } from './syscall-numbers.ts';

const { numbers } = process.arch === 'arm64' ? AARCH64 : X86_64;

/** What every probe begins with: it prints the error of what it tries, or `allowed`. */
const PRELUDE = `
import ctypes, errno, os, socket
libc = ctypes.CDLL(None, use_errno=True)

def attempt(what):
    try:
        what()
        print('allowed')
    except OSError as error:
        print(errno.errorcode.get(error.errno, str(error)))

def call(number, *arguments):
    ctypes.set_errno(0)
    if libc.syscall(number, *[ctypes.c_long(each) for each in arguments]) == -1:
        raise OSError(ctypes.get_errno(), '')

def dial(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as dialled:
        dialled.settimeout(5)
        dialled.connect(address)

def flags_of_clone(flag):
    call(${numbers['clone']}, flag | 17, 0, 0, 0, 0)
`;

/** Of the host's, which may have one per sandbox of somebody else's. */
const ADDRESSES_TRIED = 3;

/** What hostile code tries first, and what it must get. Each probe is an expression of Python that gives up or fails. */
suite('hostile code in a sandbox', () => {
  let under: SandboxesUnderTest;
  let victim: Sandbox;
  let host: Server;
  let unixDirectory: string;
  let code: CodeDirectory;

  before(async () => {
    assert.ok(existsSync('/usr/bin/python3'), 'the probes need a Python at /usr/bin/python3');
    under = await SandboxesUnderTest.open();
    victim = await under.start(['/bin/sh', '-c', 'echo secret >/tmp/secret; echo there; sleep 1000']);
    await waitFor('the victim', () => victim.stdout.read() !== null);
    host = createServer().listen(0, '0.0.0.0');
    await once(host, 'listening');
    code = await codeDirectory({});
    unixDirectory = await mkdtemp(path.join(tmpdir(), 'lambent-escape-'));
  });

  after(async () => {
    host.close();
    await under[Symbol.asyncDispose]();
    await code[Symbol.asyncDispose]();
    await rm(unixDirectory, { recursive: true });
  });

  async function probe(script: string, changes: Partial<SandboxPlan> = {}): Promise<string> {
    const { stdout, stderr } = await under.run(python(PRELUDE + script), changes);
    return (stdout + stderr).trim();
  }

  const refused: Readonly<Record<string, readonly [expression: string, error: string]>> = {
    'trace a process': [`call(${numbers['ptrace']}, 0, 0, 0, 0)`, 'EPERM'],
    "read another process's memory": [`call(${numbers['process_vm_readv']}, 1, 0, 0, 0, 0, 0)`, 'EPERM'],
    'mount a file system': [`call(${numbers['mount']}, 0, 0, 0, 0, 0)`, 'EPERM'],
    'mount one by the newer calls': [`call(${numbers['fsopen']}, 0, 0)`, 'EPERM'],
    'become root of a user namespace': [`call(${numbers['unshare']}, 0x10000000)`, 'EPERM'],
    'become root of one in a child': ['flags_of_clone(0x10000000)', 'EPERM'],
    'become root of one in a child by the newer call': [`call(${numbers['clone3']}, 0, 0)`, 'ENOSYS'],
    'enter another namespace': [`call(${numbers['setns']}, 0, 0)`, 'EPERM'],
    'load a kernel program': [`call(${numbers['bpf']}, 0, 0, 0)`, 'EPERM'],
    'use io_uring, which no filter sees into': [`call(${numbers['io_uring_setup']}, 1, 0)`, 'EPERM'],
    'handle page faults': [`call(${numbers['userfaultfd']}, 0)`, 'EPERM'],
    'read keys of the kernel': [`call(${numbers['keyctl']}, 0, 0)`, 'EPERM'],
    'open a file by its handle': [`call(${numbers['open_by_handle_at']}, 0, 0, 0)`, 'EPERM'],
    'set the clock': [`call(${numbers['clock_settime']}, 0, 0)`, 'EPERM'],
    'talk to the machine below': ['socket.socket(40, socket.SOCK_STREAM)', 'EPERM'],
    'send packets of its own making': ['socket.socket(socket.AF_PACKET, socket.SOCK_RAW)', 'EPERM'],
    'talk to the kernel about its packet filter': [
      'socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)',
      'EPERM',
    ],
    'become root': ['os.setuid(0)', 'EPERM'],
    'write to the programs': ["open('/usr/bin/planted', 'w')", 'EROFS'],
    'write to its own code': ["open('/var/task/planted', 'w')", 'EROFS'],
    'write to the root directory': ["open('/planted', 'w')", 'EROFS'],
    'change a kernel setting': ["open('/proc/sys/kernel/core_pattern', 'w')", 'EACCES'],
    'make a device': ["os.mknod('/tmp/disk', 0o060666, os.makedev(254, 0))", 'EPERM'],
    "reach a cloud's credentials": ["dial(socket.AF_INET, ('169.254.169.254', 80))", 'ENETUNREACH'],
  };
  for (const [what, [expression, error]] of Object.entries(refused)) {
    test(`cannot ${what}: ${error}`, async () => {
      const mounts = { '/var/task': code.path };
      assert.equal(await probe(`attempt(lambda: ${expression})`, { mounts }), error);
    });
  }

  test('cannot see or signal a process outside: ESRCH', async () => {
    const pids = 'print(*sorted(int(name) for name in os.listdir("/proc") if name.isdigit()))';
    const seen = (await probe(pids)).split(' ').map(Number);
    assert.ok(seen.length <= 3 && seen.every(pid => pid < 10), `saw ${seen}`);
    assert.equal(await probe(`attempt(lambda: os.kill(${process.pid}, 9))`), 'ESRCH');
  });

  test("cannot find another sandbox's files: ENOENT", async () => {
    assert.equal(await probe("attempt(lambda: open('/tmp/secret'))"), 'ENOENT');
    assert.equal(await probe(`attempt(lambda: os.listdir('${under.directory}'))`), 'ENOENT');
    assert.doesNotMatch(await probe("print(open('/proc/1/cmdline').read())"), /lambent/);
  });

  test("cannot connect to a port on the host's loopback: ECONNREFUSED", async () => {
    const { port } = host.address() as AddressInfo;
    assert.equal(
      await probe(`attempt(lambda: dial(socket.AF_INET, ('127.0.0.1', ${port})))`),
      'ECONNREFUSED',
    );
  });

  test("cannot connect to a port on any of the host's addresses: ENETUNREACH", async () => {
    const { port } = host.address() as AddressInfo;
    const addresses = Object.values(networkInterfaces()).flatMap(all => all ?? []);
    const outer = addresses
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .slice(0, ADDRESSES_TRIED);
    assert.notEqual(outer.length, 0);
    for (const { address } of outer)
      assert.equal(
        await probe(`attempt(lambda: dial(socket.AF_INET, ('${address}', ${port})))`),
        'ENETUNREACH',
      );
  });

  test("cannot connect to the host's unix sockets, abstract or in a file: ECONNREFUSED, ENOENT", async () => {
    const file = path.join(unixDirectory, 'socket');
    const name = `lambent-escape-${process.pid}`;
    for (const [listen, address, error] of [
      [`\0${name}`, `\\0${name}`, 'ECONNREFUSED'],
      [file, file, 'ENOENT'],
    ] as const) {
      const server = createServer().listen(listen);
      await once(server, 'listening');
      assert.equal(await probe(`attempt(lambda: dial(socket.AF_UNIX, '${address}'))`), error);
      server.close();
    }
  });

  test('inherits no file descriptor but its own', async () => {
    const list = `for name in sorted(os.listdir('/proc/self/fd'), key=int):
    try: print(name, os.readlink('/proc/self/fd/' + name).split(':')[0])
    except FileNotFoundError: pass`;
    const own = ['0 /dev/null', '1 socket', '2 socket', '4 socket'];
    assert.deepEqual((await probe(list)).split('\n'), own);
    const withDoorway = await probe(list, { doorways: { 'runtime-api': 9001 } });
    assert.deepEqual(withDoorway.split('\n'), [...own.slice(0, 3), '3 socket', ...own.slice(3)]);
  });

  test("finds no environment but the plan's, in itself and in what stands above it", async () => {
    process.env['LAMBENT_TEST_SECRET'] = 'secret';
    const all = `for pid in ('self', '1'):
    try: print(sorted(open('/proc/' + pid + '/environ').read().split('\\0')))
    except OSError as error: print(errno.errorcode[error.errno])`;
    const [own, above] = (await probe(all, { environment: { A: '1' } })).split('\n');
    delete process.env['LAMBENT_TEST_SECRET'];
    assert.equal(own, "['', 'A=1', 'LAMBENT_DOORWAYS=']");
    assert.equal(above, 'EACCES');
  });
});
