/**
 * An assembler for classic BPF as seccomp runs it: one accumulator, 32-bit words of `struct seccomp_data`, jumps
 * that only go forward. What bubblewrap wants on a file descriptor is exactly what `assemble` gives.
 */
export type Step =
  | { readonly load: number }
  | {
      readonly test: 'equal' | 'at-least' | 'any-bit';
      readonly value: number;
      /** Where to go on; the next step where not given. */
      readonly to?: string;
      readonly otherwise?: string;
    }
  | { readonly give: number }
  | { readonly label: string };

/** `struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; }`, in the machine's order: both architectures are little-endian. */
const INSTRUCTION_BYTES = 8;
/** A conditional jump's offset is one byte. */
const JUMP_MAX = 255;

const LOAD_WORD = 0x20;
const GIVE = 0x06;
const JUMP = { equal: 0x15, 'at-least': 0x35, 'any-bit': 0x45 } as const;

export function assemble(steps: readonly Step[]): Buffer {
  const positions = labelPositions(steps);
  const instructions = steps.filter(step => !('label' in step));
  const program = Buffer.alloc(instructions.length * INSTRUCTION_BYTES);
  instructions.forEach((step, position) => {
    const offset = position * INSTRUCTION_BYTES;
    if ('load' in step) write(program, offset, LOAD_WORD, 0, 0, step.load);
    else if ('give' in step) write(program, offset, GIVE, 0, 0, step.give);
    else if ('test' in step) {
      const to = distance(positions, position, step.to);
      const otherwise = distance(positions, position, step.otherwise);
      write(program, offset, JUMP[step.test], to, otherwise, step.value);
    }
  });
  return program;
}

/** Label → the number of the instruction that follows it. */
function labelPositions(steps: readonly Step[]): ReadonlyMap<string, number> {
  const positions = new Map<string, number>();
  let next = 0;
  for (const step of steps) {
    if ('label' in step) positions.set(step.label, next);
    else next += 1;
  }
  return positions;
}

function distance(positions: ReadonlyMap<string, number>, from: number, label: string | undefined): number {
  if (label === undefined) return 0;
  const target = positions.get(label);
  const jump = target === undefined ? -1 : target - from - 1;
  if (jump < 0 || jump > JUMP_MAX) throw new RangeError(`no jump to ${label} from instruction ${from}`);
  return jump;
}

function write(program: Buffer, at: number, code: number, to: number, otherwise: number, k: number): void {
  program.writeUInt16LE(code, at);
  program.writeUInt8(to, at + 2);
  program.writeUInt8(otherwise, at + 3);
  program.writeUInt32LE(k, at + 4);
}
