import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { TEST_TOOLS } from '@lambent/testing';

const execute = promisify(execFile);

/** What is installed, by exact version and digest, and the function in every peer's form. */
const SOURCE = path.join(import.meta.dirname, 'installation');
const DIRECTORY = path.join(TEST_TOOLS.cache, 'peers');
const MADE_FROM = '.made-from';
/** Both are published as programs, each with names of its own for what they were built for. */
const BUILDS: Readonly<Partial<Record<NodeJS.Architecture, { emulator: string; workerd: string }>>> = {
  x64: { emulator: 'aws-lambda-rie-x86_64', workerd: 'workerd-linux-64' },
  arm64: { emulator: 'aws-lambda-rie-arm64', workerd: 'workerd-linux-arm64' },
};
/** The runtime client's native part is compiled from C++ sources that come with it. */
const COMPILE_TIMEOUT_MS = 1_200_000;

/** Where the peers are, once they are installed. */
export interface PeerInstallation {
  readonly directory: string;
  /** AWS's runtime interface emulator. */
  readonly emulator: string;
  readonly workerd: string;
}

/**
 * Installs all peers into a directory of their own, unless the very same were installed before. None may be missing:
 * a package that cannot be had or built ends it, with what the package manager said.
 */
export async function providePeers(tell: (progress: string) => void): Promise<PeerInstallation> {
  const build = process.platform === 'linux' ? BUILDS[process.arch] : undefined;
  if (!build) throw new Error(`not all peers are published for ${process.platform} on ${process.arch}`);
  const emulator = path.join(DIRECTORY, 'python/samcli/local/rapid', build.emulator);
  const workerd = path.join(DIRECTORY, 'node_modules/@cloudflare', build.workerd, 'bin/workerd');
  const installation = { directory: DIRECTORY, emulator, workerd };
  const madeFrom = await digestOf(SOURCE);
  const mark = path.join(DIRECTORY, MADE_FROM);
  if ((await readFile(mark, 'utf8').catch(() => '')) === madeFrom) return installation;

  tell('installing peers (compiles a native client, which takes minutes)');
  await rm(DIRECTORY, { recursive: true, force: true });
  await cp(SOURCE, DIRECTORY, { recursive: true });
  // One package needs its scripts; those of the other eight hundred do not run.
  await install('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  await install('npm', ['rebuild', 'aws-lambda-ric']);
  await install('python3', ['-m', 'venv', 'pip']);
  const what = ['--no-deps', '--require-hashes', '--target', 'python', '--requirement', 'requirements.txt'];
  await install('pip/bin/pip', ['install', '--quiet', ...what]);
  await chmod(emulator, 0o755);
  await writeFile(mark, madeFrom);
  return installation;
}

async function install(program: string, args: readonly string[]): Promise<void> {
  const command = program.includes('/') ? path.join(DIRECTORY, program) : program;
  await execute(command, args, { cwd: DIRECTORY, timeout: COMPILE_TIMEOUT_MS }).catch(cause => {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new Error(`the peers need "${program} ${args.join(' ')}", which failed:\n${stdout}${stderr}`, {
      cause,
    });
  });
}

async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const file of (await readdir(directory)).sort()) {
    hash.update(`\0${file}\0`).update(await readFile(path.join(directory, file)));
  }
  return hash.digest('hex');
}
