import { join } from 'node:path';
import { fail } from '@lambent/core';
import { unpackDebianPackages } from './debian-packages.ts';
import { type EngineProgram, ETCD, findEngine, NATS_SERVER, programFolders } from './engine-program.ts';

/** Paths of the programs. */
export interface EnginePrograms {
  readonly natsServer: string;
  readonly etcd: string;
}

const ENGINES = [NATS_SERVER, ETCD] as const;

/**
 * Finds nats-server and etcd: what is installed and new enough, else what was unpacked below `toolsDirectory`
 * before, else Debian 13's packages, which it fetches and unpacks there. Rejects with `engine-missing` otherwise.
 * Callers may do so at the same time.
 */
export async function provideEngines(options: {
  toolsDirectory: string;
  env: NodeJS.ProcessEnv;
  /** Is told, in one line, what takes long. */
  tell(line: string): void;
}): Promise<EnginePrograms> {
  const { toolsDirectory, env, tell } = options;
  const find = () => findEngines({ toolsDirectory, env });
  const found = await find();
  if (found) return found;
  const packages = ENGINES.map(engine => engine.debianPackage);
  tell(`fetching ${packages.join(' and ')} from Debian 13, into this folder only: ${toolsDirectory}`);
  try {
    const alreadyThere = async () => (await find()) !== undefined;
    await unpackDebianPackages({ packages, target: unpackedIn(toolsDirectory), env, alreadyThere });
  } catch (cause) {
    throw missing(`they could not be fetched: ${(cause as Error).message.trimEnd()}`, cause);
  }
  const unpacked = await find();
  if (!unpacked) throw missing('what was fetched from Debian does not run on this machine');
  return unpacked;
}

/** The same without fetching anything: undefined when one of them is not there. */
export async function findEngines(options: {
  toolsDirectory: string;
  env: NodeJS.ProcessEnv;
}): Promise<EnginePrograms | undefined> {
  const unpacked = unpackedIn(options.toolsDirectory);
  const folders = [...programFolders(options.env), join(unpacked, 'usr/bin'), join(unpacked, 'usr/sbin')];
  const [natsServer, etcd] = await Promise.all(ENGINES.map(engine => findEngine(engine, folders)));
  return natsServer && etcd ? { natsServer, etcd } : undefined;
}

function unpackedIn(toolsDirectory: string): string {
  return join(toolsDirectory, 'engines');
}

function missing(detail: string, cause?: unknown) {
  const wanted = ENGINES.map(({ program, oldest }: EngineProgram) => `${program} ${oldest.join('.')}`).join(
    ' and ',
  );
  const remedy =
    process.platform === 'darwin'
      ? `brew install ${ENGINES.map(engine => engine.program).join(' ')}`
      : `apt-get install ${ENGINES.map(engine => engine.debianPackage).join(' ')} # Debian 13 or newer`;
  return fail('engine-missing', { wanted, detail, remedy }, { cause });
}
