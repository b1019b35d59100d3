import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Refusal } from '../run/refusal.ts';
import { readScenario, type Scenario } from './scenario.ts';

const HERE = import.meta.dirname;
const ENDING = '.json';

/** The scenarios of this folder, by name. */
export async function listScenarios(): Promise<readonly string[]> {
  const files = await readdir(HERE);
  return files
    .filter(file => file.endsWith(ENDING))
    .map(file => file.slice(0, -ENDING.length))
    .sort();
}

/** One of this folder by its name, or any by the path of its file. */
export async function findScenario(
  asked: string,
): Promise<{ readonly name: string; readonly scenario: Scenario }> {
  const isPath = asked.endsWith(ENDING);
  const file = isPath ? path.resolve(asked) : path.join(HERE, `${asked}${ENDING}`);
  const text = await readFile(file, 'utf8').catch(async cause => {
    const known = `there are ${(await listScenarios()).join(', ')}, and any file that ends in ${ENDING}`;
    throw new Refusal(`there is no scenario ${asked}: ${known}`, { cause });
  });
  try {
    return { name: path.basename(file, ENDING), scenario: readScenario(text) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Refusal(`${file}\n${error.message.replace(/^/gm, '  ')}`, { cause: error });
  }
}
