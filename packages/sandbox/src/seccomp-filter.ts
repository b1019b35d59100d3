import { assemble, type Step } from './bpf.ts';
import { AARCH64, type SyscallTable, X86_64 } from './syscall-numbers.ts';

/**
 * The system call filter of every sandbox. Everything is allowed but what a function never needs and an attacker
 * does: looking into other processes, mounts, namespaces, kernel interfaces with a history of holes, the clock.
 * A refused call answers EPERM, so that a program notices instead of dying.
 *
 * The kernel keeps a bitmap of the calls a filter always allows, so those cost nothing; a list in any order will do.
 */
export function seccompFilter(architecture: NodeJS.Architecture): Buffer | undefined {
  const table = TABLES[architecture];
  return table && assemble(steps(table));
}

const TABLES: Partial<Record<NodeJS.Architecture, SyscallTable>> = { x64: X86_64, arm64: AARCH64 };

/** Refused only for some arguments, or answered otherwise; every other call of the tables is refused outright. */
const CONDITIONAL = ['clone', 'clone3', 'ioctl', 'socket', 'socketpair'] as const;

const EPERM = 1;
const ENOSYS = 38;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const ERRNO = 0x00050000;

/** Offsets in `struct seccomp_data`. Of an argument only the low word counts: the kernel takes these as 32 bits. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number) => 16 + 8 * index;

/** The second ABI of x86_64 kernels marks its numbers with this bit; they would slip past a list of numbers. */
const X32_BIT = 0x40000000;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const CLONE_NAMESPACES = 0x7e020000;

/** Put characters into the terminal's input, as if typed by its owner: TIOCSTI, and TIOCLINUX, which can paste. */
const TERMINAL_INJECTION = [0x5412, 0x541c];

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
/**
 * The one netlink protocol a sandbox gets: it tells about the sandbox's own interfaces. `os.networkInterfaces()`,
 * which libraries call while they load, throws without it. Every other family (vsock above all, which no network
 * namespace confines, packet sockets, AF_ALG …) is refused.
 */
const NETLINK_ROUTE = 0;

function steps(table: SyscallTable): Step[] {
  const { numbers } = table;
  const outright = Object.keys(numbers).filter(name => !CONDITIONAL.some(other => other === name));
  const on = (name: string, to: string): Step[] => {
    const value = numbers[name];
    return value === undefined ? [] : [{ test: 'equal', value, to }];
  };
  return [
    { load: ARCHITECTURE },
    { test: 'equal', value: table.auditArch, otherwise: 'kill' },
    { load: NUMBER },
    { test: 'at-least', value: X32_BIT, to: 'missing' },
    ...outright.flatMap(name => on(name, 'refuse')),
    // Its flags are behind a pointer, which a filter cannot follow. The C libraries fall back to clone.
    ...on('clone3', 'missing'),
    ...on('clone', 'clone'),
    ...on('ioctl', 'ioctl'),
    ...on('socket', 'socket'),
    ...on('socketpair', 'socket'),
    { give: ALLOW },
    { label: 'clone' },
    { load: argument(0) },
    { test: 'any-bit', value: CLONE_NAMESPACES, to: 'refuse', otherwise: 'allow' },
    { label: 'ioctl' },
    { load: argument(1) },
    ...TERMINAL_INJECTION.map((value): Step => ({ test: 'equal', value, to: 'refuse' })),
    { give: ALLOW },
    { label: 'socket' },
    { load: argument(0) },
    ...[AF_UNIX, AF_INET, AF_INET6].map((value): Step => ({ test: 'equal', value, to: 'allow' })),
    { test: 'equal', value: AF_NETLINK, otherwise: 'refuse' },
    { load: argument(2) },
    { test: 'equal', value: NETLINK_ROUTE, to: 'allow' },
    { label: 'refuse' },
    { give: ERRNO | EPERM },
    { label: 'missing' },
    { give: ERRNO | ENOSYS },
    { label: 'allow' },
    { give: ALLOW },
    { label: 'kill' },
    { give: KILL_PROCESS },
  ];
}
