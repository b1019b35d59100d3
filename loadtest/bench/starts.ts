import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How long a program takes to start and end, in milliseconds. */
export async function startMs(command: readonly [string, ...string[]]): Promise<number> {
  const beginMs = performance.now();
  const [program, ...args] = command;
  const [status] = await once(spawn(program, args, { stdio: 'ignore' }), 'exit');
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`);
  return performance.now() - beginMs;
}

/** The engine's runtime alone, and the same in the barest sandbox. */
export const NODE: readonly [string, ...string[]] = [process.execPath, '-e', '0'];
export const CONFINED_NODE: readonly [string, ...string[]] = [
  'bwrap',
  ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--die-with-parent'],
  ...['--ro-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
  ...['--ro-bind', process.execPath, '/tmp/node', '/tmp/node', '-e', '0'],
];
