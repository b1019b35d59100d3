import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findDebianMirror } from './debian-mirror.ts';

const run = promisify(execFile);

/** The first Debian whose engines are new enough; its programs run on the one before it, too. */
const SUITE = 'trixie';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** The lists of a distribution and 15 MB, on a slow line. */
const FETCH_TIMEOUT_MS = 300_000;

/**
 * Fetches packages of Debian 13 and unpacks them into `target`, all or nothing. The system is neither asked for its
 * lists nor changed, and no root is needed: apt keeps everything below a folder of this call's own.
 */
export async function unpackDebianPackages(options: {
  packages: readonly string[];
  target: string;
  env: NodeJS.ProcessEnv;
  /** Whether what is at `target` meanwhile will do: others may be unpacking the same. */
  alreadyThere(): Promise<boolean>;
}): Promise<void> {
  const { packages, target, env, alreadyThere } = options;
  const mirror = await findDebianMirror();
  if (mirror === undefined) throw new Error('this system does not fetch its packages from Debian');
  await mkdir(join(target, '..'), { recursive: true });
  const work = await mkdtemp(`${target}-`);
  try {
    const apt = await aptCommand(work, mirror);
    const inWork = { cwd: work, env, timeout: FETCH_TIMEOUT_MS };
    await run('apt-get', [...apt, 'update'], inWork);
    await run('apt-get', [...apt, 'download', ...packages], inWork);
    const tree = join(work, 'tree');
    const archives = (await readdir(work)).filter(name => name.endsWith('.deb'));
    for (const archive of archives) await run('dpkg', ['-x', archive, tree], inWork);
    await putInPlace(tree, target, alreadyThere);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** apt with one source and every file of its own below `work`. */
async function aptCommand(work: string, mirror: string): Promise<string[]> {
  const sources = join(work, 'sources.list');
  const [lists, cache] = [join(work, 'lists'), join(work, 'cache')];
  await mkdir(join(lists, 'partial'), { recursive: true });
  await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
  await writeFile(sources, `deb [signed-by=${KEYRING}] ${mirror} ${SUITE} main\n`);
  const settings = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': lists,
    'Dir::Cache': cache,
    // As root apt would fetch as another user, who may not be able to reach this folder.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
  };
  return ['-q', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
}

/** Of several who unpack at once the first wins; what is of no use is replaced. */
async function putInPlace(tree: string, target: string, alreadyThere: () => Promise<boolean>): Promise<void> {
  try {
    await rename(tree, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    if (await alreadyThere()) return;
    await rename(target, `${tree}-replaced`);
    await rename(tree, target);
  }
}
