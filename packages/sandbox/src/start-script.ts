/** The file descriptors of a program besides the standard ones. */
export const PROGRAM_FDS = { nodeChannel: 3, channel: 4 } as const;

/** The one on which a sandbox says that it is ready, and waits for leave to run its program; closed before that. */
export const READY_FD = 5;

/** Runs a start script from its standard input. */
export const SCRIPT_READER = ['/bin/sh', '-s'] as const;

/**
 * What runs right before the program, as the sandbox's own user: sets the environment, waits until the caller has laid
 * what is outside, and becomes the program. The environment comes no earlier because it is the function owner's: a variable like LD_PRELOAD must
 * not reach a program that still has any right. And it comes through a pipe, since what stands on a command line or
 * in a file can be read by others.
 */
export function startScript(
  command: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>>,
): string {
  const [program] = command;
  const missing = `${program} is not a program that can be run`;
  return [
    // What the shells before have set.
    'unset PATH PWD OLDPWD SHLVL',
    `test -x ${quote(program)} || { echo ${quote(missing)} >&2; exit 127; }`,
    ...Object.entries(environment).map(([name, value]) => `export ${variable(name)}=${quote(value)}`),
    `echo >&${READY_FD}`,
    `read -r _ <&${READY_FD} || exit`,
    `exec ${command.map(quote).join(' ')} </dev/null ${READY_FD}>&-`,
    '',
  ].join('\n');
}

/**
 * Takes the rights of root away from what follows, for good. Needs the rights to change ids and nothing else, and
 * runs with the host's environment.
 */
export function becomeUser(userId: number): string[] {
  const id = String(userId);
  return [
    ...['/usr/bin/setpriv', '--reuid', id, '--regid', id, '--clear-groups'],
    ...['--inh-caps=-all', '--bounding-set=-all', '--no-new-privs', '--'],
  ];
}

/** Inside single quotes a shell reads nothing but the end of them. */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError('neither arguments nor variables can hold a zero byte');
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function variable(name: string): string {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name))
    throw new RangeError(`${name} cannot name an environment variable`);
  return name;
}
