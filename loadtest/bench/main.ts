import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { SystemClock } from '@lambent/core';
import { TEST_TOOLS } from '@lambent/testing';
import { cold } from './cold.ts';
import { control } from './control.ts';
import type { Bench, Figure, Figures } from './figure.ts';
import { memory } from './memory.ts';
import { neighbours } from './neighbours.ts';
import { readOptions, USAGE } from './options.ts';
import { overload } from './overload.ts';
import { peers } from './peers.ts';
import { placement } from './placement.ts';
import { printed } from './printed.ts';
import { registered } from './registered.ts';
import { startRate } from './start-rate.ts';
import { streaming } from './streaming.ts';
import { warm } from './warm.ts';
import { writes } from './writes.ts';

/**
 * `npm run bench`: every figure that Lambent is judged by, each against something measured beside it in the same run.
 * docs/performance.md says what they mean.
 */
const FIGURES: readonly Figure[] = [
  warm,
  cold,
  startRate,
  placement,
  writes,
  memory,
  neighbours,
  overload,
  control,
  registered,
  streaming,
  peers,
];

const line = (text = '') => process.stdout.write(`${text}\n`);
/** One line that rewrites itself, where somebody watches. */
const progress = (text: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);

const options = readOptions(
  process.argv.slice(2),
  FIGURES.map(({ name }) => name),
);
if (typeof options === 'string') {
  process.stderr.write(`${options}\n${USAGE}\n`);
  process.exitCode = 2;
} else if (options.help) {
  line(USAGE);
  line(`Figures: ${FIGURES.map(({ name }) => name).join(', ')}`);
} else {
  const { blocks, seconds, only, out } = options;
  const interrupted = new AbortController();
  // Whoever measures notices within a block and ends what it has started; asked again, it ends at once.
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      interrupted.abort(new Error('interrupted'));
      process.once(name, () => process.exit(130));
    });
  }
  const { signal } = interrupted;
  const clock = new SystemClock();
  const bench: Bench = { clock, signal, blocks, blockMs: seconds * 1_000, progress };
  const machine = `${os.availableParallelism()} × ${os.cpus()[0]?.model}, Linux ${os.release()}, Node ${process.versions.node}`;
  const startedAt = new Date(clock.nowMs()).toISOString();
  line(machine);
  line(`${blocks} blocks of ${seconds} s a target; client and server share the machine`);
  const measured: Record<string, Figures | { readonly failed: string }> = {};
  for (const figure of FIGURES.filter(({ name }) => only.includes(name))) {
    if (signal.aborted) break;
    // One that cannot be measured hides no other.
    const figures = await figure.measure(bench).catch((error: Error) => ({ failed: error.message }));
    measured[figure.name] = figures;
    progress('');
    line(`\n── ${figure.name}`);
    if ('failed' in figures) process.exitCode = 1;
    line('failed' in figures ? `  not measured: ${figures.failed}` : printed(figures));
  }
  const file = path.resolve(out ?? path.join(TEST_TOOLS.cache, 'bench.json'));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ machine, startedAt, blocks, seconds, measured }, null, 2)}\n`);
  line(`\n${file}`);
}
