import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { tiedToThisProcess } from '@lambent/engines';
import { startLambent, zipOf } from '@lambent/testing';
import { ApiTarget } from '../load/api-target.ts';
import { ANY_ROLE } from '../load/deployed-functions.ts';
import { openLambdaTarget } from '../load/http-target.ts';
import { expectEcho } from '../load/outcome.ts';
import { median, ratioOf } from '../report/ratio.ts';
import type { Bench, Figures } from './figure.ts';
import { CONNECTIONS, load } from './interleaved.ts';
import { pssKb } from './resident.ts';

/** What many functions cost that nobody calls: beside so many, everything else is as beside few. */
export const registered = { name: 'registered', measure: measureRegistered } as const;

const FEW = 1_000;
const MANY = 100_000;
const CREATORS = 16;
const FUNCTIONS = '/2015-03-31/functions';

interface Measured {
  readonly startMs: number;
  readonly listMs: number;
  readonly warmUs: number;
  readonly pssKb: number;
}

async function measureRegistered(bench: Bench): Promise<Figures> {
  await using few = await Registered.fill(FEW, bench);
  await using many = await Registered.fill(MANY, bench);
  const of = new Map<Registered, Measured[]>([
    [few, []],
    [many, []],
  ]);
  for (let block = 1; block <= bench.blocks; block++) {
    for (const [registered, measured] of of) {
      bench.progress(`registered: block ${block}/${bench.blocks}, ${registered.count}`);
      measured.push(await registered.measure(bench, block));
    }
  }
  const values = (registered: Registered, name: keyof Measured) =>
    (of.get(registered) ?? []).map(measured => measured[name]);
  const finding = (about: string, name: keyof Measured) => ({
    about: `${about}, ${MANY} functions ÷ ${FEW}`,
    goal: { atMost: 1.5 },
    ratio: ratioOf(values(many, name), values(few, name)),
  });
  return {
    tables: [
      {
        title: 'functions that are registered',
        columns: ['start ms', 'first page ms', 'warm p50 µs', 'PSS kB'],
        rows: [few, many].map(
          registered =>
            [
              String(registered.count),
              ...(['startMs', 'listMs', 'warmUs', 'pssKb'] as const).map(name =>
                median(values(registered, name)),
              ),
            ] as const,
        ),
      },
    ],
    findings: [
      finding('start', 'startMs'),
      finding('first page of the list', 'listMs'),
      finding('warm p50', 'warmUs'),
      finding('memory', 'pssKb'),
    ],
  };
}

/** A data directory with so many functions in it. */
class Registered implements AsyncDisposable {
  readonly count: number;
  readonly #data: string;

  private constructor(count: number, data: string) {
    this.count = count;
    this.#data = data;
  }

  static async fill(count: number, { progress, signal }: Bench): Promise<Registered> {
    const registered = new Registered(count, await mkdtemp(path.join(os.tmpdir(), 'lambent-bench-')));
    try {
      await using lambent = await registered.#start();
      const ZipFile = Buffer.from(
        await zipOf({ 'index.mjs': 'export const handler = async event => event;\n' }),
      ).toString('base64');
      await using api = registered.#api(lambent.url);
      let next = 0;
      const creator = async () => {
        for (let index = next++; index < count; index = next++) {
          signal.throwIfAborted();
          if (index % FEW === 0) progress(`registered: ${index}/${count} created`);
          const settings = { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: ANY_ROLE };
          const body = JSON.stringify({ FunctionName: nameOf(index), ...settings, Code: { ZipFile } });
          await api.send({ method: 'POST', path: FUNCTIONS, body });
        }
      };
      await Promise.all(Array.from({ length: CREATORS }, creator));
      return registered;
    } catch (error) {
      await registered[Symbol.asyncDispose]();
      throw error;
    }
  }

  async measure(bench: Bench, block: number): Promise<Measured> {
    const { clock } = bench;
    const elapsed = async <Result>(work: () => Promise<Result>) => {
      const beganMs = clock.monotonicMs();
      const result = await work();
      return { result, tookMs: clock.monotonicMs() - beganMs };
    };
    const started = await elapsed(() => this.#start());
    await using lambent = started.result;
    await using api = this.#api(lambent.url);
    const listed = await elapsed(() => api.send({ method: 'GET', path: FUNCTIONS }));
    await using target = openLambdaTarget({
      ...CONNECTIONS,
      name: `among ${this.count}`,
      origin: lambent.url,
      functionNames: [nameOf(this.count - 1)],
      judge: expectEcho(CONNECTIONS.event),
    });
    await load(target, { callers: 1, block: 0, bench });
    const { latency } = await load(target, { callers: 1, block, bench });
    const measured = { startMs: started.tookMs, listMs: listed.tookMs, warmUs: latency.p50Ms * 1_000 };
    return { ...measured, pssKb: pssKb([lambent.pid]) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#data, { recursive: true, force: true });
  }

  #start() {
    return startLambent({ dataDirectory: this.#data, enter: tiedToThisProcess() });
  }

  #api(origin: string): ApiTarget {
    return new ApiTarget({ ...CONNECTIONS, name: 'api', origin, call: async () => undefined });
  }
}

function nameOf(index: number): string {
  return `bench-registered-${String(index).padStart(6, '0')}`;
}
