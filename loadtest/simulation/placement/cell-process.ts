/** Plays one cell, in a process of its own, and tells its parent what came of it. */
import { SeededRandom } from '@lambent/core';
import { readTrace } from '../keep-alive/traced-function.ts';
import { Cell } from './cell.ts';
import { functionLoads } from './function-load.ts';

const [seed = 1, workers = 0, copies = 0, seconds = 0] = process.argv.slice(2).map(Number);
const loads = functionLoads(await readTrace(), copies, new SeededRandom(seed));
await using cell = await Cell.open({ seed, loads, workers });
process.send?.(await cell.play(0, seconds));
