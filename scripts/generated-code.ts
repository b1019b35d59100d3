import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CommandResult, repository, run } from './command.ts';

/** Where buf.gen.yaml puts what it makes. */
const GENERATED = 'packages/contracts/gen';

/** Generates the code of the protocol anew, elsewhere, and compares. Needs no git, and changes nothing. */
export async function compareGeneratedCode(): Promise<CommandResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lambent-gen-'));
  try {
    const made = await run(['buf', 'generate', '--output', folder]);
    if (made.status !== 0) return made;
    const committed = await readTree(path.join(repository, GENERATED));
    const fresh = await readTree(path.join(folder, GENERATED));
    const stale = differences(committed, fresh);
    if (stale.length === 0) return { status: 0, output: '' };
    return { status: 1, output: `${stale.join('\n')}\nRun "npm run gen" and commit what it makes.\n` };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** File name to contents. */
type Tree = ReadonlyMap<string, string>;

export function differences(committed: Tree, fresh: Tree): string[] {
  const names = new Set([...committed.keys(), ...fresh.keys()]);
  return [...names].sort().flatMap(name => {
    if (!committed.has(name)) return [`${name} is missing`];
    if (!fresh.has(name)) return [`${name} is of no .proto file any more`];
    return committed.get(name) === fresh.get(name) ? [] : [`${name} is not what its .proto file makes`];
  });
}

async function readTree(root: string): Promise<Tree> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async file => [path.relative(root, file), await readFile(file, 'utf8')] as const),
    ),
  );
}
