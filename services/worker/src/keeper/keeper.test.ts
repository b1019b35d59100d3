import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, suite, test } from 'node:test';
import { EXIT_CODES } from '@lambent/daemon';
import { Footprint, waitFor } from '@lambent/testing';
import { FIRST_ENDS_MAX } from './restart-policy.ts';

/** What invariant 6 of the design allows for everything to be gone. */
const GONE_WITHIN_MS = 5_000;

suite('a keeper', () => {
  before(() => assert.equal(process.getuid?.(), 0, 'the tests of the keeper have to be run as root'));

  test('passes on how the kept process ended by itself', async () => {
    for (const code of [EXIT_CODES.ok, EXIT_CODES.usage, EXIT_CODES.configInvalid]) {
      await using keeping = await Keeping.start(`exit=${code}`);
      assert.equal(await keeping.ended, code);
    }
  });

  test('starts it again when it crashes', async () => {
    await using keeping = await Keeping.start('crash-once', 'wait');
    const pid = await keeping.said('wait');
    assert.notEqual(pid, keeping.pid);
    process.kill(keeping.pid, 'SIGTERM');
    assert.equal(await keeping.ended, EXIT_CODES.ok);
  });

  test('gives up a process that never was ready, and passes on how it ended', async () => {
    await using keeping = await Keeping.start('here', `exit=${EXIT_CODES.fatal}`);
    assert.equal(await keeping.ended, EXIT_CODES.fatal);
    assert.equal(keeping.allWhoSaid('here').length, FIRST_ENDS_MAX);
  });

  test('passes on at once that nobody answered a process that never was ready', async () => {
    await using keeping = await Keeping.start('here', `exit=${EXIT_CODES.unavailable}`);
    assert.equal(await keeping.ended, EXIT_CODES.unavailable);
    assert.equal(keeping.allWhoSaid('here').length, 1);
  });

  test('goes on starting a process that was ready once', async () => {
    await using keeping = await Keeping.start('deadline=60000', 'wait');
    for (let life = 1; life <= FIRST_ENDS_MAX; life += 1) {
      const pid = await waitFor(`life ${life}`, () => keeping.allWhoSaid('wait')[life - 1]);
      process.kill(pid, 'SIGKILL');
    }
    await waitFor('one more life', () => keeping.allWhoSaid('wait')[FIRST_ENDS_MAX]);
  });

  test('lets it drain at the first signal', async () => {
    await using keeping = await Keeping.start('wait');
    await keeping.said('wait');
    process.kill(keeping.pid, 'SIGTERM');
    assert.equal(await keeping.ended, EXIT_CODES.ok);
  });

  test('ends it at once at the second signal', async () => {
    await using keeping = await Keeping.start('stubborn');
    const pid = await keeping.said('stubborn');
    process.kill(keeping.pid, 'SIGTERM');
    await keeping.said('ignored');
    process.kill(keeping.pid, 'SIGTERM');
    assert.equal(await keeping.ended, 128 + 15);
    assert.equal(await isThere(pid), false);
  });

  test('refuses a directory that another one keeps, and takes it when that one is dead', async () => {
    await using first = await Keeping.start('wait');
    await first.said('wait');
    await using second = await Keeping.start('wait', { directory: first.directory });
    assert.equal(await second.ended, EXIT_CODES.dataLocked);
    process.kill(first.pid, 'SIGKILL');
    await first.ended;
    await using third = await Keeping.start('wait', { directory: first.directory });
    await third.said('wait');
  });

  test('ends a stopped process and its sandboxes at the deadline it told last', async () => {
    await using keeping = await Keeping.start('exit-if-again', 'sandbox=2001', 'deadline=1000', 'wait');
    const pid = await keeping.said('wait');
    const footprint = await Footprint.of(keeping.pid, keeping.directory);
    process.kill(pid, 'SIGSTOP');
    assert.equal(await keeping.ended, EXIT_CODES.ok);
    assert.deepEqual(await footprint.remaining(), []);
  });

  test('sweeps after a process that was killed, and starts it again', async () => {
    await using keeping = await Keeping.start('exit-if-again', 'sandbox=2002', 'wait');
    const pid = await keeping.said('wait');
    const footprint = await Footprint.of(keeping.pid, keeping.directory);
    assert.ok(footprint.processes > 3);
    process.kill(pid, 'SIGKILL');
    assert.equal(await keeping.ended, EXIT_CODES.ok);
    assert.deepEqual(await footprint.remaining(), []);
  });

  test('that is killed takes everything with it: the kept process sweeps and ends', async () => {
    await using keeping = await Keeping.start('sandbox=2003', 'wait');
    await keeping.said('wait');
    const footprint = await Footprint.of(keeping.pid, keeping.directory);
    process.kill(keeping.pid, 'SIGKILL');
    await nothingLeft(footprint);
  });

  test('that is killed together with its process leaves no process, and the rest to the next one', async () => {
    await using keeping = await Keeping.start('sandbox=2004', 'wait');
    const pid = await keeping.said('wait');
    const footprint = await Footprint.of(keeping.pid, keeping.directory);
    process.kill(keeping.pid, 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    await nothingLeft(footprint, line => line.startsWith('process'));
    await using next = await Keeping.start('exit=0', { directory: keeping.directory });
    assert.equal(await next.ended, EXIT_CODES.ok);
    assert.deepEqual(await footprint.remaining(), []);
  });
});

async function nothingLeft(footprint: Footprint, counts = (_line: string) => true): Promise<void> {
  const gone = async () => (await footprint.remaining()).filter(counts).length === 0;
  await waitFor('everything to be gone', gone, { timeoutMs: GONE_WITHIN_MS });
}

/** A keeper in a process of its own, and what the process it keeps has said. */
class Keeping implements AsyncDisposable {
  readonly directory: string;
  /** The keeper's exit code; undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>;
  readonly #child: ChildProcess;
  readonly #ownsDirectory: boolean;
  #output = '';

  private constructor(directory: string, ownsDirectory: boolean, words: readonly string[]) {
    this.directory = directory;
    this.#ownsDirectory = ownsDirectory;
    const fixture = path.join(import.meta.dirname, 'fixtures', 'keeping.ts');
    this.#child = spawn(process.execPath, [fixture, directory, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', text => {
        this.#output += text;
      });
    this.ended = new Promise(resolve => this.#child.once('exit', status => resolve(status ?? undefined)));
  }

  static async start(...words: (string | { readonly directory: string })[]): Promise<Keeping> {
    const given = words.find(word => typeof word === 'object')?.directory;
    const directory = given ?? (await mkdtemp(path.join(tmpdir(), 'lambent-keeper-')));
    return new Keeping(
      directory,
      given === undefined,
      words.filter(word => typeof word === 'string'),
    );
  }

  get pid(): number {
    assert.ok(this.#child.pid);
    return this.#child.pid;
  }

  /** Waits until the kept process has said so; gives its pid. */
  async said(what: string): Promise<number> {
    const pattern = new RegExp(`^(\\d+) ${what}$`, 'm');
    const pid = await waitFor(what, () => pattern.exec(this.#output)?.[1]).catch(cause => {
      throw new Error(`it only said: ${this.#output}`, { cause });
    });
    return Number(pid);
  }

  /** The pids of all lives that have said so. */
  allWhoSaid(what: string): number[] {
    return [...this.#output.matchAll(new RegExp(`^(\\d+) ${what}$`, 'gm'))].map(([, pid]) => Number(pid));
  }

  /** Ends the keeper if it still is there, by the two signals that end everything at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGTERM'] as const) this.#child.kill(signal);
    await this.ended;
    if (!this.#ownsDirectory) return;
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function isThere(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) [ZX] /.test(stat);
}
