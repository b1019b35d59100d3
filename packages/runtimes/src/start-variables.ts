import type { Runtime } from './runtime.ts';

/** Variables that act only while a program starts, and why. */
export interface StartVariables {
  readonly names: RegExp;
  readonly reason: string;
}

const EVERY_PROGRAM: readonly StartVariables[] = [
  {
    names: /^(LD_|GLIBC_|MALLOC_)/,
    reason: 'the loader and the C library read theirs before the program begins',
  },
  { names: /^(LANG$|LANGUAGE$|LC_)/, reason: 'the default locale is chosen once' },
];

export const NODE_START_VARIABLES: readonly StartVariables[] = [
  ...EVERY_PROGRAM,
  // The two are looked up anew each time.
  { names: /^NODE_(?!ENV$|TLS_REJECT_UNAUTHORIZED$)/, reason: 'Node.js takes its options when it starts' },
  { names: /^UV_/, reason: 'the threads of its pool are there already' },
  { names: /^(OPENSSL_|SSL_CERT_)/, reason: 'OpenSSL reads its configuration once' },
];

export const PYTHON_START_VARIABLES: readonly StartVariables[] = [
  ...EVERY_PROGRAM,
  { names: /^PYTHON/, reason: 'Python takes its options when it starts' },
];

/**
 * The first variable that would not act in a program which was started before it was known; such a function has a
 * program of its own started. What the runtime itself sets was there from the start.
 */
export function findStartVariable(
  runtime: Runtime,
  environment: Readonly<Record<string, string>>,
): string | undefined {
  return Object.keys(environment).find(
    name =>
      environment[name] !== runtime.variables[name] &&
      runtime.startVariables.some(({ names }) => names.test(name)),
  );
}
