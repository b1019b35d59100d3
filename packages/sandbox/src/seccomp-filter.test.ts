import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemble } from './bpf.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { AARCH64, X86_64 } from './syscall-numbers.ts';

interface Call {
  readonly number: number;
  readonly auditArch: number;
  readonly arguments?: readonly number[];
}

const ALLOW = 0x7fff0000;
const KILL = 0x80000000;
const errno = (value: number) => 0x00050000 + value;
const EPERM = errno(1);
const ENOSYS = errno(38);

/** Runs a filter as the kernel would: classic BPF over `struct seccomp_data`. */
function evaluate(program: Buffer, call: Call): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE(call.auditArch, 4);
  call.arguments?.forEach((value, index) => {
    data.writeBigUInt64LE(BigInt(value), 16 + 8 * index);
  });
  let accumulator = 0;
  for (let at = 0; at < program.length; at += 8) {
    const [code, then, otherwise] = [program.readUInt16LE(at), program[at + 2] ?? 0, program[at + 3] ?? 0];
    const k = program.readUInt32LE(at + 4);
    if (code === 0x06) return k;
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else {
      const tests: Record<number, boolean> = {
        21: accumulator === k,
        53: accumulator >= k,
        69: (accumulator & k) !== 0,
      };
      assert.ok(code in tests, `instruction ${code}`);
      at += 8 * (tests[code] ? then : otherwise);
    }
  }
  assert.fail('the program ended without an answer');
}

for (const [architecture, table] of [
  ['x64', X86_64],
  ['arm64', AARCH64],
] as const) {
  const program = seccompFilter(architecture);
  assert.ok(program);
  const answer = (number: number | undefined, ...args: number[]) =>
    evaluate(program, { number: number ?? -1, auditArch: table.auditArch, arguments: args });
  const { numbers } = table;

  test(`${architecture}: what is on the list is refused with EPERM`, () => {
    const conditional = ['clone', 'clone3', 'ioctl', 'socket', 'socketpair'];
    const refused = Object.entries(numbers).filter(([name]) => !conditional.includes(name));
    assert.ok(refused.length > 40);
    for (const [name, number] of refused) assert.equal(answer(number), EPERM, name);
  });

  test(`${architecture}: every other number is allowed`, () => {
    const listed = new Set(Object.values(numbers));
    for (let number = 0; number < 600; number++)
      if (!listed.has(number)) assert.equal(answer(number), ALLOW, String(number));
  });

  test(`${architecture}: a thread or process may be made, a namespace may not`, () => {
    const threadFlags = 0x003d0f00;
    assert.equal(answer(numbers['clone'], threadFlags), ALLOW);
    assert.equal(answer(numbers['clone'], 17), ALLOW);
    for (const flag of [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
      assert.equal(answer(numbers['clone'], flag + 17), EPERM, flag.toString(16));
  });

  test(`${architecture}: clone3 does not exist, so that the C library falls back to clone`, () => {
    assert.equal(answer(numbers['clone3']), ENOSYS);
  });

  test(`${architecture}: characters cannot be put into a terminal, also with high bits set`, () => {
    assert.equal(answer(numbers['ioctl'], 0, 0x5401), ALLOW);
    assert.equal(answer(numbers['ioctl'], 0, 0x5412), EPERM);
    assert.equal(answer(numbers['ioctl'], 0, 0x541c), EPERM);
    assert.equal(answer(numbers['ioctl'], 0, 0x1_0000_5412), EPERM);
  });

  test(`${architecture}: only unix, inet and route netlink sockets can be made`, () => {
    for (const family of [1, 2, 10]) assert.equal(answer(numbers['socket'], family, 1), ALLOW);
    assert.equal(answer(numbers['socketpair'], 1, 1), ALLOW);
    assert.equal(answer(numbers['socket'], 16, 3, 0), ALLOW);
    for (const protocol of [4, 9, 12, 15, 16])
      assert.equal(answer(numbers['socket'], 16, 3, protocol), EPERM);
    for (const family of [0, 3, 15, 17, 29, 38, 40, 44])
      assert.equal(answer(numbers['socket'], family, 1), EPERM);
  });

  test(`${architecture}: a call of another architecture ends the process`, () => {
    assert.equal(evaluate(program, { number: 0, auditArch: 0x40000003 }), KILL);
    const other = architecture === 'x64' ? AARCH64 : X86_64;
    assert.equal(evaluate(program, { number: 0, auditArch: other.auditArch }), KILL);
  });

  test(`${architecture}: numbers with the mark of the x32 ABI do not exist`, () => {
    assert.equal(answer(0x40000000 + 101), ENOSYS);
    assert.equal(answer(0xffffffff), ENOSYS);
  });
}

test('there is no filter for an architecture without a table', () => {
  assert.equal(seccompFilter('riscv64'), undefined);
});

test('a jump to a label that is missing, behind or too far away is refused', () => {
  const jump = { test: 'equal', value: 1, to: 'there' } as const;
  assert.throws(() => assemble([jump]), RangeError);
  assert.throws(() => assemble([{ label: 'there' }, jump]), RangeError);
  const far = Array.from({ length: 256 }, () => ({ give: 0 }));
  assert.throws(() => assemble([jump, ...far, { label: 'there' }, { give: 0 }]), RangeError);
});
