/** `npm run compatibility`: writes into docs/compatibility.md and the README what the code knows. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { knownCompatibility } from './known-compatibility.ts';
import { withCount, withTables } from './page.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const compatibility = await knownCompatibility();
for (const [file, rewrite] of [
  ['docs/compatibility.md', withTables],
  ['README.md', withCount],
] as const) {
  const at = path.join(root, file);
  await writeFile(at, rewrite(await readFile(at, 'utf8'), compatibility));
}
