import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BUNDLES, bundleBootstraps } from './bundle-bootstraps.ts';
import { type CommandResult, repository, run } from './command.ts';

/** Where buf.gen.yaml and the bundler put what they make. */
const GENERATED = ['packages/contracts/gen', BUNDLES];

/** Generates all generated code anew, elsewhere, and compares. Needs no git, and changes nothing. */
export async function compareGeneratedCode(): Promise<CommandResult> {
  const folder = await mkdtemp(path.join(tmpdir(), 'lambent-gen-'));
  try {
    const made = await run(['buf', 'generate', '--output', folder]);
    if (made.status !== 0) return made;
    await bundleBootstraps(folder);
    const committed = await readTrees(repository);
    const stale = differences(committed, await readTrees(folder));
    if (stale.length === 0) return { status: 0, output: '' };
    return { status: 1, output: `${stale.join('\n')}\nRun "npm run gen" and commit what it makes.\n` };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function readTrees(root: string): Promise<Tree> {
  const trees = await Promise.all(GENERATED.map(tree => readTree(root, tree)));
  return new Map(trees.flatMap(tree => [...tree]));
}

/** File name to contents. */
type Tree = ReadonlyMap<string, string>;

export function differences(committed: Tree, fresh: Tree): string[] {
  const names = new Set([...committed.keys(), ...fresh.keys()]);
  return [...names].sort().flatMap(name => {
    if (!committed.has(name)) return [`${name} is missing`];
    if (!fresh.has(name)) return [`${name} has no source any more`];
    return committed.get(name) === fresh.get(name) ? [] : [`${name} is not what its source makes`];
  });
}

async function readTree(root: string, tree: string): Promise<Tree> {
  const entries = await readdir(path.join(root, tree), { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => path.join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      files.map(async file => [path.relative(root, file), await readFile(file, 'utf8')] as const),
    ),
  );
}
