import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../command.ts';
import { tell } from './progress.ts';

interface Tool {
  /** A program that is there once the package is. */
  readonly program: string;
  readonly debianPackage: string;
  /** A command that succeeds only when the program is whole; Debian packages some of Python apart. */
  readonly probe?: readonly [string, ...string[]];
}

/** Debian's AWS CLI is named by its path: the tests want the one that Debian packages, besides PyPI's. */
const TOOLS: readonly Tool[] = [
  { program: 'bwrap', debianPackage: 'bubblewrap' },
  { program: 'nft', debianPackage: 'nftables' },
  { program: 'ip', debianPackage: 'iproute2' },
  { program: 'nsenter', debianPackage: 'util-linux' },
  { program: 'systemd-analyze', debianPackage: 'systemd' },
  { program: '/usr/bin/aws', debianPackage: 'awscli' },
  { program: 'python3', debianPackage: 'python3-venv', probe: ['python3', '-c', 'import ensurepip'] },
  { program: 'go', debianPackage: 'golang-go' },
  { program: 'cargo', debianPackage: 'cargo' },
];
/** Where administrators' programs are, which not everybody's PATH names. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
/** Another package manager at work is waited for by apt itself. */
const LOCK_WAIT_SECONDS = 120;

/** Installs what is missing, where this may be done without asking; else stops with the command that would do it. */
export async function provideDebianPackages(): Promise<void> {
  const missing: Tool[] = [];
  for (const tool of TOOLS) if (!(await isWhole(tool))) missing.push(tool);
  if (missing.length === 0) return;

  const packages = missing.map(tool => tool.debianPackage);
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  const mayInstall = process.getuid?.() === 0 && (await isThere('apt-get'));
  if (!mayInstall) {
    const names = missing.map(tool => tool.program).join(', ');
    throw new Error(
      `The tests of the whole need ${names}. Run this once, or install them your system's way:\n` +
        `  sudo sh -c 'apt-get update && ${install}'\nOr run "npm run test:quick", which needs none of them.`,
    );
  }
  tell(`installing ${packages.join(', ')} from Debian`);
  const apt = ['apt-get', '-q', '-o', `DPkg::Lock::Timeout=${LOCK_WAIT_SECONDS}`] as const;
  const options = { shown: true, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  await expectSuccess(await run([...apt, 'update'], options), 'apt-get update');
  const installed = await run([...apt, 'install', '-y', '--no-install-recommends', ...packages], options);
  await expectSuccess(installed, install);
}

async function isWhole(tool: Tool): Promise<boolean> {
  if (!(await isThere(tool.program))) return false;
  return tool.probe === undefined || (await run(tool.probe)).status === 0;
}

async function isThere(program: string): Promise<boolean> {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), ...SYSTEM_FOLDERS];
  const candidates = path.isAbsolute(program) ? [program] : folders.map(folder => path.join(folder, program));
  for (const candidate of candidates) {
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

async function expectSuccess(result: { readonly status: number }, what: string): Promise<void> {
  if (result.status !== 0) throw new Error(`"${what}" ended with ${result.status}`);
}
