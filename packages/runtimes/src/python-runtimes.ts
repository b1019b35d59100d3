import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Interpreter, isMountable, isShared, LANGUAGE_DIRECTORY } from './interpreter.ts';
import { MANAGED_VARIABLES, RUNTIME_DIRECTORY } from './managed-variables.ts';
import type { Runtime } from './runtime.ts';
import { PYTHON_START_VARIABLES } from './start-variables.ts';

/** The oldest that the bootstrap runs on. */
const MINOR_MIN = 9;
const BOOTSTRAP_DIRECTORY = fileURLToPath(new URL('../python', import.meta.url));

/** The managed Python runtimes behind `interpreters`. Of one minor version, one that needs no mount comes first. */
export function pythonRuntimes(interpreters: readonly Interpreter[]): readonly Runtime[] {
  const shared = interpreters.filter(isShared);
  const mountable = interpreters.filter(interpreter => !isShared(interpreter) && isMountable(interpreter));
  const firstOfMinor = new Map<number, Interpreter>();
  for (const interpreter of [...shared, ...mountable]) {
    const minor = Number(interpreter.version.split('.')[1]);
    if (minor >= MINOR_MIN && !firstOfMinor.has(minor)) firstOfMinor.set(minor, interpreter);
  }
  return [...firstOfMinor].map(([minor, interpreter]) => pythonRuntime(minor, interpreter));
}

function pythonRuntime(minor: number, interpreter: Interpreter): Runtime {
  const { program, mounts } = placePython(interpreter);
  return {
    identifier: `python3.${minor}`,
    detail: `Python ${interpreter.version}`,
    channel: 'frames',
    mounts: { [RUNTIME_DIRECTORY]: BOOTSTRAP_DIRECTORY, ...mounts },
    variables: { ...MANAGED_VARIABLES, PYTHONPATH: RUNTIME_DIRECTORY },
    startVariables: PYTHON_START_VARIABLES,
    command: () => [program, join(RUNTIME_DIRECTORY, 'bootstrap.py')],
  };
}

/** Python finds its libraries from where its program stands: a mounted prefix moves both. */
function placePython(interpreter: Interpreter): Pick<Runtime, 'mounts'> & { readonly program: string } {
  const { binary, prefix } = interpreter;
  if (isShared(interpreter)) return { program: binary, mounts: {} };
  return {
    program: join(LANGUAGE_DIRECTORY, relative(prefix, binary)),
    mounts: { [LANGUAGE_DIRECTORY]: prefix },
  };
}
