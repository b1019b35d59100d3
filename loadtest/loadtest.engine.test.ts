import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startLambent } from '@lambent/testing';
import type { Report } from './report/report.ts';

const TARGETS = ['http', 'grpc', 'nats'].map(door => ({ name: door, door, function: 'echo' }));

function scenario(installation: 'up' | 'cluster', doors: readonly string[]) {
  return {
    description: 'a moment of each door',
    installation,
    functions: { echo: { memoryMb: 128 } },
    targets: TARGETS.filter(({ door }) => doors.includes(door)),
    phases: [
      { name: 'warm-up', seconds: 0.5, callers: 2, measured: false },
      { name: 'steady', seconds: 3, rate: 30, spacing: 'even' },
      { name: 'callers', seconds: 1, callers: 2 },
    ],
    bounds: doors.map(target => ({ target, phase: 'steady', value: 'okShare', atLeast: 1 })),
  };
}

describe('a load test of what it starts itself', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'lambent-loadtest-'));
  });
  after(() => rm(folder, { recursive: true }));

  /** Starts the program on a scenario; what it prints is kept. */
  async function start(plan: unknown, args: readonly string[] = []) {
    const file = path.join(folder, 'plan.json');
    await writeFile(file, JSON.stringify(plan));
    const out = path.join(folder, 'out');
    const command = [path.join(import.meta.dirname, 'main.ts'), file, '--out', out, ...args];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    const ended = once(child, 'close').then(([status]) => ({ status: status as number, printed }));
    return { child: child as ChildProcess, ended, read: () => readReport(out), printed: () => printed };
  }

  async function readReport(out: string): Promise<Report> {
    assert.match(await readFile(path.join(out, 'report.html'), 'utf8'), /^<!doctype html>/);
    return JSON.parse(await readFile(path.join(out, 'report.json'), 'utf8')) as Report;
  }

  function assertAddsUp(report: Report, doors: readonly string[]): void {
    assert.deepEqual(
      report.totals.map(({ phase, target }) => `${phase} ${target}`),
      ['steady', 'callers'].flatMap(phase => doors.map(door => `${phase} ${door}`)),
    );
    for (const { target, phase, tally, latency, lag, curve, throughput, cpuUsPerCall } of report.totals) {
      const { due, sent, unsent, ok, cold, throttled, failed, error, unanswered } = tally;
      assert.equal(due, sent + unsent);
      assert.equal(sent, ok + throttled + failed + error + unanswered);
      assert.deepEqual([latency.count, lag.count], [ok, sent]);
      assert.deepEqual(tally.errors, {});
      assert.ok(cold <= ok);
      assert.equal(curve.at(-1)?.ms, latency.maxMs);
      assert.ok(latency.p50Ms > 0 && latency.p50Ms <= latency.p99Ms && latency.p99Ms <= latency.maxMs);
      assert.ok(throughput > 0 && (cpuUsPerCall ?? 0) > 0);
      if (phase === 'steady') assert.equal(due, 90);
      const rows = report.series
        .filter(of => of.target === target && of.phase === phase)
        .flatMap(of => of.rows);
      const sum = (count: 'sent' | 'ok' | 'unsent') => rows.reduce((total, row) => total + row[count], 0);
      assert.deepEqual([sum('sent'), sum('ok'), sum('unsent')], [sent, ok, unsent]);
    }
  }

  test('goes through every door of a cluster, and its numbers add up', async () => {
    const doors = ['http', 'grpc', 'nats'];
    const run = await start(scenario('cluster', doors));
    const { status, printed } = await run.ended;
    assert.equal(status, 0, printed);
    assertAddsUp(await run.read(), doors);
  });

  test('goes through every door of lambent up, and ends with 1 where a bound is broken', async () => {
    const doors = ['http', 'grpc'];
    const plan = scenario('up', doors);
    const bounds = [{ target: 'http', phase: 'steady', value: 'p50Ms', atMost: 0 }];
    const run = await start({ ...plan, bounds });
    const { status, printed } = await run.ended;
    assert.equal(status, 1, printed);
    assert.match(printed, /BROKEN/);
    assertAddsUp(await run.read(), doors);
  });

  test('refuses a door that the installation does not have', async () => {
    const { status, printed } = await (await start(scenario('up', ['nats']))).ended;
    assert.equal(status, 2, printed);
    assert.match(printed, /error: lambent up has no nats/);
  });

  test('at an endpoint it asks for the functions, creates them when told to, and takes them away', async () => {
    await using lambent = await startLambent();
    const plan = scenario('up', ['http']);
    const refused = await (await start(plan, ['--endpoint', lambent.url])).ended;
    assert.equal(refused.status, 2, refused.printed);
    assert.match(refused.printed, /error: the function loadtest-echo is not there; --deploy creates it/);
    const run = await start(plan, ['--endpoint', lambent.url, '--deploy', '--duration', '0.5']);
    const { status, printed } = await run.ended;
    assert.equal(status, 0, printed);
    const again = await (await start(plan, ['--endpoint', lambent.url])).ended;
    assert.match(again.printed, /is not there/);
  });

  test('Ctrl-C ends it with the report of what was measured until then', async () => {
    const plan = scenario('up', ['http']);
    const run = await start({ ...plan, phases: [{ name: 'long', seconds: 600, rate: 50 }], bounds: [] });
    // In a log, the first line of progress comes after ten seconds of load.
    let told = false;
    run.child.stderr?.on('data', () => {
      if (!told && run.printed().includes('long ')) told = run.child.kill('SIGINT');
    });
    const { status, printed } = await run.ended;
    assert.equal(status, 130, printed);
    const { interrupted, totals } = await run.read();
    assert.equal(interrupted, true);
    assert.ok((totals[0]?.tally.ok ?? 0) > 0);
  });
});
