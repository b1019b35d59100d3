import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { askVersion, runProgram } from './program.ts';
import type { Terminal } from './terminal.ts';

/** A package of 50 kB on a slow line, and the lists of a distribution before it. */
const DOWNLOAD_TIMEOUT_MS = 60_000;

interface World {
  /** Where tools of the project's own are unpacked; the system is left as it is. */
  readonly toolsDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}

/**
 * Makes bubblewrap available, which functions are confined with: what is installed, or Debian's package unpacked into
 * the project (which needs no root), or, as root, installed. Gives back the environment in which `lambent up` finds
 * it. Without it the environment is as it was: `up --dev` says what that means.
 */
export async function provideBubblewrap(world: World): Promise<NodeJS.ProcessEnv> {
  const { env, terminal, toolsDirectory } = world;
  if (process.platform !== 'linux' || (await askVersion('bwrap', '--version', env))) return env;
  const unpacked = join(toolsDirectory, 'bubblewrap', 'usr', 'bin', 'bwrap');
  const withUnpacked = { ...env, LAMBENT_BUBBLEWRAP: unpacked };
  if (await askVersion(unpacked, '--version', env)) return withUnpacked;
  if (!(await askVersion('apt-get', '--version', env))) {
    terminal.say('bubblewrap is not installed and there is no apt-get here: `npx lambent doctor` says more');
    return env;
  }
  terminal.say('bubblewrap is not installed: fetching it, into this folder only …');
  const problem = await unpack(world);
  if (problem === undefined && (await askVersion(unpacked, '--version', env))) return withUnpacked;
  if (process.getuid?.() === 0 && (await install(world))) return env;
  terminal.say(`bubblewrap could not be fetched (${problem ?? 'it does not run here'}); going on without it`);
  return env;
}

async function unpack(world: World): Promise<string | undefined> {
  const { env, toolsDirectory } = world;
  const download = join(toolsDirectory, 'download');
  await rm(download, { recursive: true, force: true });
  await mkdir(download, { recursive: true });
  const options = { cwd: download, env, timeoutMs: DOWNLOAD_TIMEOUT_MS };
  const problem = await runProgram('apt-get', ['download', 'bubblewrap'], options);
  if (problem !== undefined) return problem;
  const [archive] = await readdir(download);
  if (archive === undefined) return 'apt-get fetched nothing';
  return runProgram('dpkg', ['-x', archive, join(toolsDirectory, 'bubblewrap')], options);
}

async function install(world: World): Promise<boolean> {
  const { env, terminal, toolsDirectory } = world;
  terminal.say('installing bubblewrap with apt-get …');
  const options = { cwd: toolsDirectory, env, timeoutMs: DOWNLOAD_TIMEOUT_MS };
  await runProgram('apt-get', ['update'], options);
  await runProgram('apt-get', ['install', '--yes', '--no-install-recommends', 'bubblewrap'], options);
  return (await askVersion('bwrap', '--version', env)) !== undefined;
}
