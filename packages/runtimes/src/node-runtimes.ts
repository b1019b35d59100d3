import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Interpreter, isShared, LANGUAGE_DIRECTORY } from './interpreter.ts';
import { CUSTOM_VARIABLES, MANAGED_VARIABLES, RUNTIME_DIRECTORY } from './managed-variables.ts';
import type { Runtime } from './runtime.ts';
import { NODE_START_VARIABLES } from './start-variables.ts';

/** The versions that AWS has a runtime of, and that the bootstrap runs on. */
const MAJORS: ReadonlySet<number> = new Set([20, 22, 24]);
const CUSTOM_IDENTIFIERS = ['provided.al2', 'provided.al2023'] as const;
const BOOTSTRAP_DIRECTORY = fileURLToPath(new URL('../gen/node', import.meta.url));
/** The rest of a sandbox's memory is for buffers, code and whatever the function starts. */
const HEAP_SHARE = 0.75;

/** Features that AWS switches off where Node.js still calls them experimental, unless `NODE_OPTIONS` asks for them. */
const SWITCHED_OFF: Readonly<Record<number, readonly string[]>> = {
  20: ['require-module'],
  22: ['require-module', 'detect-module'],
};

/** The managed Node.js runtimes behind `interpreters`; the first of each major version counts. */
export function nodeRuntimes(interpreters: readonly Interpreter[]): readonly Runtime[] {
  const firstOfMajor = new Map<number, Interpreter>();
  for (const interpreter of interpreters) {
    const major = majorOf(interpreter);
    if (MAJORS.has(major) && !firstOfMajor.has(major)) firstOfMajor.set(major, interpreter);
  }
  return [...firstOfMajor].map(([major, interpreter]) => nodeRuntime(major, interpreter));
}

/** Runtimes that the function brings itself; a helper on `interpreter` makes the doorways and becomes them. */
export function customRuntimes(interpreter: Interpreter): readonly Runtime[] {
  const { program, mounts } = placeNode(interpreter);
  return CUSTOM_IDENTIFIERS.map(identifier => ({
    identifier,
    detail: `the function's own bootstrap, started by Node.js ${interpreter.version}`,
    channel: 'http',
    mounts,
    variables: CUSTOM_VARIABLES,
    // The function's own program begins with its whole environment.
    startVariables: [],
    command: () => [program, join(RUNTIME_DIRECTORY, 'custom.cjs')],
  }));
}

function nodeRuntime(major: number, interpreter: Interpreter): Runtime {
  const { program, mounts } = placeNode(interpreter);
  return {
    identifier: `nodejs${major}.x`,
    detail: `Node.js ${interpreter.version}`,
    channel: 'frames',
    mounts,
    variables: {
      ...MANAGED_VARIABLES,
      NODE_PATH: `/opt/nodejs/node${major}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task`,
    },
    startVariables: NODE_START_VARIABLES,
    command: ({ memoryMb, environment }) => {
      const flags = [...heapFlags(memoryMb), ...featureFlags(major)];
      const wanted = environment['NODE_OPTIONS'] ?? '';
      const own = flags.filter(({ option }) => !wanted.replaceAll('_', '-').includes(option));
      return [program, ...own.map(({ flag }) => flag), join(RUNTIME_DIRECTORY, 'index.cjs')];
    },
  };
}

/** A flag, and the option in `NODE_OPTIONS` that takes its place. */
interface Flag {
  readonly flag: string;
  readonly option: string;
}

function heapFlags(memoryMb: number): readonly Flag[] {
  const heapMb = Math.floor(memoryMb * HEAP_SHARE);
  return [{ flag: `--max-old-space-size=${heapMb}`, option: '--max-old-space-size' }];
}

function featureFlags(major: number): readonly Flag[] {
  return (SWITCHED_OFF[major] ?? []).map(feature => ({
    flag: `--no-experimental-${feature}`,
    option: `--experimental-${feature}`,
  }));
}

/** Only the program itself is mounted: it needs no library of its own, and what stands beside it is not for functions. */
function placeNode(interpreter: Interpreter): Pick<Runtime, 'mounts'> & { readonly program: string } {
  const mounts = { [RUNTIME_DIRECTORY]: BOOTSTRAP_DIRECTORY };
  if (isShared(interpreter)) return { program: interpreter.binary, mounts };
  const program = join(LANGUAGE_DIRECTORY, 'bin/node');
  return { program, mounts: { ...mounts, [program]: interpreter.binary } };
}

function majorOf(interpreter: Interpreter): number {
  return Number.parseInt(interpreter.version, 10);
}
