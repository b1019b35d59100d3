/** `npm run loadtest`: loads Lambent, or any Lambda, as a scenario says, and reports what it measured. */
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Clock, SeededRandom, SystemClock } from '@lambent/core';
import { renderPage } from './report/page.ts';
import { createReport, keepsBounds, type Report } from './report/report.ts';
import { showReport } from './report/show-report.ts';
import { type OpenedTargets, openTargets } from './run/open-targets.ts';
import { HELP, type Options, readOptions } from './run/options.ts';
import { Progress } from './run/progress.ts';
import { Refusal } from './run/refusal.ts';
import { runScenario } from './run/run-scenario.ts';
import { findScenario, listScenarios } from './scenarios/find-scenario.ts';
import { type Scenario, withOverrides } from './scenarios/scenario.ts';

const EXIT = { ok: 0, boundBroken: 1, refused: 2, interrupted: 130 } as const;

const say = (text: string) => process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.command === 'help') process.stdout.write(HELP);
  if (options.command === 'list') for (const line of await listScenarios()) process.stdout.write(`${line}\n`);
  if (options.command !== 'run') return EXIT.ok;
  const { name, scenario: written } = await findScenario(options.scenario);
  const report = await load(name, withOverrides(written, options), options);
  const folder = await write(report, options.out);
  process.stdout.write(`\n${showReport(report).join('\n')}\n`);
  say(`\nreport: ${path.join(folder, 'report.html')}, and report.json beside it`);
  if (report.interrupted) return EXIT.interrupted;
  return keepsBounds(report) ? EXIT.ok : EXIT.boundBroken;
}

async function load(name: string, scenario: Scenario, options: Options): Promise<Report> {
  const { addresses, deployRole } = options;
  const clock = new SystemClock();
  const stop = listenForInterrupt();
  const against = addresses?.origin ?? `lambent ${scenario.installation}, started for it`;
  say(`${name}: ${scenario.description} Against ${against}.`);
  await using opened = await openTargets({ scenario, addresses, deployRole, clock });
  return await measureOpened(opened, { name, scenario, clock, signal: stop, against });
}

async function measureOpened(
  { targets }: OpenedTargets,
  run: { name: string; scenario: Scenario; clock: Clock; signal: AbortSignal; against: string },
): Promise<Report> {
  const { name, scenario, clock, signal, against } = run;
  const startedAt = new Date(clock.nowMs()).toISOString();
  const startMs = clock.monotonicMs();
  const startCpu = process.cpuUsage();
  using progress = new Progress(process.stderr, { clock, blocks: scenario.blocks });
  const random = new SeededRandom(scenario.seed);
  const watch = progress.watch.bind(progress);
  const results = await runScenario({ scenario, targets, clock, random, signal, watch });
  const { user, system } = process.cpuUsage(startCpu);
  return createReport(scenario, results, {
    ...{ scenario: name, against, startedAt, machine: describeMachine() },
    harnessCpuSeconds: (user + system) / 1e6,
    seconds: (clock.monotonicMs() - startMs) / 1_000,
  });
}

/** The first Ctrl-C ends the measuring; what was started is stopped and the report written. A second ends everything. */
function listenForInterrupt(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => {
    stop.abort();
    process.once('SIGINT', () => process.exit(EXIT.interrupted));
  });
  return stop.signal;
}

async function write(report: Report, out: string | undefined): Promise<string> {
  const moment = report.startedAt.slice(0, 19).replaceAll(':', '-');
  const folder = out ?? path.join(import.meta.dirname, 'reports', `${report.scenario}-${moment}`);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'report.json'), `${JSON.stringify(report, undefined, 1)}\n`);
  await writeFile(path.join(folder, 'report.html'), renderPage(report));
  return folder;
}

function describeMachine(): string {
  const [cpu] = os.cpus();
  const memory = `${(os.totalmem() / 2 ** 30).toFixed(0)} GB`;
  return `${os.cpus().length} × ${cpu?.model.trim()}, ${memory}, ${os.type()} ${os.release()}, Node ${process.versions.node}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  say(`error: ${error.message}`);
  process.exitCode = EXIT.refused;
}
