import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';

/** A function of the trace: how often it was invoked in each minute of the day. */
export interface TracedFunction {
  readonly id: string;
  readonly counts: readonly number[];
}

export async function readTrace(): Promise<readonly TracedFunction[]> {
  const [, ...rows] = gunzipSync(await readFile(TRACE))
    .toString()
    .trim()
    .split('\n');
  return rows.map(row => {
    const [id = '', , , ...counts] = row.split(',');
    return { id, counts: counts.map(Number) };
  });
}

/** Two halves by a hash of the seed and the name: one to choose a policy on, one to score it on. */
export function halve(functions: readonly TracedFunction[], seed: number) {
  const rank = ({ id }: TracedFunction) => createHash('sha256').update(`${seed} ${id}`).digest('hex');
  const ranked = functions.map(one => ({ one, rank: rank(one) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const shuffled = ranked.map(({ one }) => one);
  const half = functions.length / 2;
  return { chosenOn: shuffled.slice(0, half), scoredOn: shuffled.slice(half) };
}

const TRACE = new URL('../../trace/azure2019-1000/inv.csv.gz', import.meta.url);
