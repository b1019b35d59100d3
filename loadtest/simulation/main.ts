/**
 * `npm run simulate -- [--seeds N] [--from SEED] [--planted BUG] [--verbose]`: the real routers, placements and workers
 * on simulated time, under load and faults that follow from each seed. It ends with 1 at a seed that breaks an
 * invariant, and says how to see that one again.
 *
 * `npm run simulate -- --keep-alive [--from SEED]`: the worker's keep-alive on a day of 1,000 real functions, chosen on
 * one half of them and scored on the other.
 *
 * `npm run simulate -- --placement [--from SEED]`: placement at the peak of a day, a million functions on 10,000 workers.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { simulateKeepAlive } from './keep-alive/keep-alive.ts';
import { simulatePlacement } from './placement/placement-scale.ts';
import { runSeed } from './run-seed.ts';
import { PLANTED_BUGS, type PlantedBug } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    planted: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    'keep-alive': { type: 'boolean', default: false },
    placement: { type: 'boolean', default: false },
    /** One of several that run side by side. */
    lane: { type: 'boolean', default: false },
  },
});

function plantedBug(): PlantedBug | undefined {
  const { planted } = values;
  if (planted === undefined) return undefined;
  const known = PLANTED_BUGS.find(bug => bug === planted);
  if (!known) throw new Error(`--planted takes one of ${PLANTED_BUGS.join(', ')}`);
  return known;
}

/** Runs the seeds one after another; false at the first that breaks an invariant. */
async function runLane(from: number, seeds: number): Promise<boolean> {
  const planted = plantedBug();
  const tell = values.verbose && { tell: (line: string) => console.log(`  ${line}`) };
  for (let seed = from; seed < from + seeds; seed += 1) {
    const { violation, late, ...run } = await runSeed({ seed, ...(planted && { planted }), ...tell });
    if (values.verbose) console.log(JSON.stringify(run));
    if (!violation && late.length === 0) continue;
    const again = planted ? ` --planted ${planted}` : '';
    console.log(`seed ${seed}: ${violation?.message ?? `work did not come back: ${late.join(', ')}`}`);
    console.log(`again: npm run simulate -- --from ${seed} --seeds 1 --verbose${again}`);
    return false;
  }
  return true;
}

/** A process for every core, each with its share of the seeds. */
async function runSideBySide(from: number, seeds: number): Promise<boolean> {
  const lanes = Math.min(availableParallelism(), seeds);
  const share = Math.ceil(seeds / lanes);
  const passed = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => {
      const first = from + lane * share;
      const args = ['--lane', '--from', `${first}`, '--seeds', `${Math.min(share, from + seeds - first)}`];
      const bug = values.planted === undefined ? [] : ['--planted', values.planted];
      const child = spawn(process.execPath, [import.meta.filename, ...args, ...bug], { stdio: 'inherit' });
      return new Promise<boolean>(resolve => child.once('exit', status => resolve(status === 0)));
    }),
  );
  return passed.every(Boolean);
}

const [from, seeds] = [Number(values.from), Number(values.seeds)];
if (values['keep-alive']) {
  for await (const line of simulateKeepAlive({ seed: from })) console.log(line);
  process.exit(0);
}
if (values.placement) {
  const even = await simulatePlacement({ seed: from, tell: line => console.log(line) });
  process.exit(even ? 0 : 1);
}
const startedAt = performance.now();
const passed = await (values.lane || values.verbose ? runLane : runSideBySide)(from, seeds);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
if (passed && !values.lane) console.log(`${seeds} seeds from ${from} on, ${seconds} s: no invariant broken`);
process.exit(passed ? 0 : 1);
