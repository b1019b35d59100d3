import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TEST_TOOLS } from '@lambent/testing';
import { type CommandResult, run } from '../command.ts';
import { tell } from './progress.ts';

export interface Product {
  /** Names it in the cache and in what is told. */
  readonly name: string;
  /** Files and folders it is made from, by their paths in the repository. */
  readonly sources: readonly string[];
  /** The commands that make it, in order. */
  readonly commands: readonly Step[];
}

interface Step {
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Makes it, unless it was made from the very same sources by the very same commands before. */
export async function makeOnce(product: Product): Promise<void> {
  const mark = path.join(TEST_TOOLS.cache, `${product.name}.made-from`);
  const madeFrom = await digest(product);
  if ((await readFile(mark, 'utf8').catch(() => '')) === madeFrom) return;
  tell(`making ${product.name}`);
  for (const { command, ...options } of product.commands) explain(command, await run(command, options));
  await mkdir(TEST_TOOLS.cache, { recursive: true });
  await writeFile(mark, madeFrom);
}

function explain(command: readonly string[], result: CommandResult): void {
  if (result.status !== 0) throw new Error(`"${command.join(' ')}" failed:\n${result.output}`);
}

async function digest(product: Product): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(product.commands));
  for (const source of product.sources) {
    for (const file of await filesOf(path.join(TEST_TOOLS.repository, source))) {
      hash.update(`\0${file}\0`).update(await readFile(file));
    }
  }
  return hash.digest('hex');
}

async function filesOf(source: string): Promise<string[]> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (!entries) return [source];
  const files = entries.filter(entry => entry.isFile());
  return files.map(entry => path.join(entry.parentPath, entry.name)).sort();
}
