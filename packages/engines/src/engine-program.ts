import { execFile } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An engine by the name of its program, and the oldest version that keeps what Lambent promises. */
export interface EngineProgram {
  readonly program: string;
  readonly oldest: readonly [number, number, number];
  readonly debianPackage: string;
}

/** Before 2.10.27 a kill can take whole streams, whatever is configured. */
export const NATS_SERVER: EngineProgram = {
  program: 'nats-server',
  oldest: [2, 10, 27],
  debianPackage: 'nats-server',
};
/** 3.4 loses events of watches and renews leases that were revoked. */
export const ETCD: EngineProgram = { program: 'etcd', oldest: [3, 5, 0], debianPackage: 'etcd-server' };

/** A program that only reports its version has no reason to take longer. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Where administrators' programs are, which the PATH of others often leaves out. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** The folders of a PATH, and those that it should name. */
export function programFolders(env: NodeJS.ProcessEnv): string[] {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '');
  return [...new Set([...onPath, ...SYSTEM_FOLDERS])];
}

/** The path of the first in `folders` that is new enough. */
export async function findEngine(
  engine: EngineProgram,
  folders: readonly string[],
): Promise<string | undefined> {
  for (const folder of folders) {
    const program = join(folder, engine.program);
    const version = await versionOf(program);
    if (version && !isOlder(version, engine.oldest)) return program;
  }
  return undefined;
}

/** "nats-server: v2.10.27" is [2, 10, 27]; undefined for what does not run. */
async function versionOf(program: string): Promise<number[] | undefined> {
  try {
    const { stdout } = await run(program, ['--version'], { timeout: ANSWER_TIMEOUT_MS });
    return /(\d+)\.(\d+)\.(\d+)/.exec(stdout)?.slice(1).map(Number);
  } catch {
    // Not there, not executable, or ended badly: none of them is a program to rely on.
    return undefined;
  }
}

function isOlder(version: readonly number[], oldest: readonly number[]): boolean {
  for (const [index, least] of oldest.entries()) {
    const part = version[index] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}
