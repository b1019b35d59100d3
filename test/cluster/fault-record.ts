import { status } from '@grpc/grpc-js';
import type { Run } from './run-counter.ts';
import type { Call } from './steady-load.ts';

/** Whom a fault hits: only their calls may suffer. */
export interface Hit {
  /** Names of members, and `nats` for the broker as a whole. */
  readonly processes?: readonly string[];
  /** Both ends of a way that is cut. */
  readonly link?: readonly [string, string];
}

export interface FaultRecordOptions {
  readonly hit: Hit;
  readonly calls: readonly Call[];
  readonly runsOf: (key: string) => readonly Run[];
  /** Which worker has that address. */
  readonly workerAt: (address: string) => string;
  /** When the fault began and ended. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly nowMs: number;
  readonly most: number;
  /** How many ran at once, at the most, in that time. */
  readonly mostBetween: (fromMs: number, toMs: number) => number;
  readonly slots: number;
}

/** Answered well and within this is goodput. */
const GOOD_MS = 2_000;
const BIN_MS = 1_000;
const GOODPUT = 0.9;
/**
 * A fault holds up load, and what was held up comes back at once, on top of what goes on: then there may be no slot
 * free, and AWS refuses, too. It shows in what ran within this of the refusal. The load alone takes 7 of 24; what is
 * missing to all of them are environments that were still starting.
 */
const FULL_WITHIN_MS = 1_000;
const FULL = 0.75;
const REFUSED: ReadonlySet<string> = new Set(['TooManyRequestsException', String(status.RESOURCE_EXHAUSTED)]);

/** What a load and the functions themselves say of a fault, and which promise was broken. */
export class FaultRecord {
  readonly #options: FaultRecordOptions;
  readonly #sync: readonly Call[];
  readonly #async: readonly Call[];

  constructor(options: FaultRecordOptions) {
    this.#options = options;
    this.#sync = options.calls.filter(({ door }) => door.kind === 'sync');
    this.#async = options.calls.filter(({ door }) => door.kind === 'async');
  }

  /** One line of counts. */
  get line(): string {
    const { most, slots } = this.#options;
    const accepted = this.#async.filter(isOk);
    return [
      `sync ${this.#sync.filter(isOk).length} ok, ${describeFailed(this.#sync)}, ${this.#repeated(this.#sync).length} run twice`,
      `async ${accepted.length} accepted, ${describeFailed(this.#async)}, ${accepted.length - this.unrun.length} run, ${this.#repeated(this.#async).length} run again`,
      `slowest ${slowestMs(this.#sync)} ms, by ${this.#runsByWorker()}`,
      `in flight at most ${most} of ${slots}`,
      `goodput back after ${this.backMs} ms`,
    ].join('; ');
  }

  /** Accepted, and not run so far. */
  get unrun(): readonly Call[] {
    return this.#async.filter(call => isOk(call) && this.#runs(call).length === 0);
  }

  /** How long after the end of the fault the last second began to be good that all later ones were, too. */
  get backMs(): number {
    const { calls, endedMs, nowMs } = this.#options;
    const bins = new Map<number, { sent: number; good: number }>();
    for (const call of calls) {
      const isUndecided = call.endedMs === undefined && nowMs - call.sentMs < GOOD_MS;
      if (call.sentMs < endedMs || isUndecided) continue;
      const number = Math.floor((call.sentMs - endedMs) / BIN_MS);
      const bin = bins.get(number) ?? { sent: 0, good: 0 };
      bins.set(number, { sent: bin.sent + 1, good: bin.good + Number(isGood(call)) });
    }
    const bad = [...bins].filter(([, { sent, good }]) => good < GOODPUT * sent).map(([number]) => number);
    return BIN_MS * (Math.max(-1, ...bad) + 1);
  }

  /** Each promise that was broken, one line each; nothing when all were kept. */
  violations({ backMsMax }: { readonly backMsMax: number }): readonly string[] {
    const { most, slots } = this.#options;
    return [
      ...this.#repeated(this.#sync).map(call => `run twice: ${this.#told(call)}`),
      ...this.#sync
        .filter(call => isOk(call) && this.#runs(call).length === 0)
        .map(call => `answered, not run: ${this.#told(call)}`),
      ...this.#options.calls
        .filter(call => !isOk(call) && !this.#excused(call))
        .map(call => `failed: ${this.#told(call)}`),
      ...this.unrun.map(call => `accepted, not run: ${this.#told(call)}`),
      ...(most > slots ? [`${most} in flight, the limit is ${slots}`] : []),
      ...(this.backMs > backMsMax ? [`goodput took ${this.backMs} ms to come back`] : []),
    ];
  }

  /** Whether its own process or link was hit, or what was held up left no place for it. */
  #excused(call: Call): boolean {
    if (this.#refusedWhenFull(call)) return true;
    const { processes = [], link } = this.#options.hit;
    if (processes.some(name => this.#passed(call, name))) return true;
    return link?.every(name => this.#passed(call, name)) ?? false;
  }

  #refusedWhenFull({ outcome = '', sentMs, endedMs = sentMs }: Call): boolean {
    const { mostBetween, slots } = this.#options;
    return (
      REFUSED.has(outcome) && mostBetween(sentMs - FULL_WITHIN_MS, endedMs + FULL_WITHIN_MS) >= FULL * slots
    );
  }

  /** Whether the call went through `name`, or may have. */
  #passed(call: Call, name: string): boolean {
    const { door } = call;
    const [role] = name.split('-');
    if (role === 'gateway') return (door.gateway ?? name) === name;
    if (role === 'nats') return door.kind === 'async' || door.gateway === undefined;
    if (role !== 'worker' || door.kind === 'async') return false;
    const runs = this.#runs(call);
    if (runs.length > 0) return runs.some(({ from }) => this.#options.workerAt(from) === name);
    // It never said where it was. Only what was under way when the fault came can have been there.
    return call.sentMs < this.#options.endedMs && (call.endedMs ?? 0) > this.#options.beganMs;
  }

  #runsByWorker(): string {
    const { calls, workerAt } = this.#options;
    const runs = calls.flatMap(call => this.#runs(call));
    const byWorker = Map.groupBy(runs, ({ from }) => workerAt(from));
    return [...byWorker].map(([worker, those]) => `${worker} ${those.length}`).join(', ');
  }

  #repeated(calls: readonly Call[]): Call[] {
    return calls.filter(call => this.#runs(call).length > 1);
  }

  #runs({ key }: Call): readonly Run[] {
    return this.#options.runsOf(key);
  }

  #told(call: Call): string {
    const { beganMs, workerAt } = this.#options;
    const at = (ms = Number.NaN) => `${Math.round(ms - beganMs)} ms`;
    const runs = this.#runs(call).map(run => `${workerAt(run.from)} at ${at(run.beganMs)}`);
    return `${call.key} ${at(call.sentMs)} to ${at(call.endedMs)}, ran on [${runs}]: ${call.outcome} ${call.message ?? ''}`;
  }
}

const isOk = ({ outcome }: Call) => outcome === 'ok';

function isGood(call: Call): boolean {
  return isOk(call) && (call.endedMs ?? Number.POSITIVE_INFINITY) - call.sentMs <= GOOD_MS;
}

/** Of those that were answered well. */
function slowestMs(calls: readonly Call[]): number {
  const good = calls.filter(isOk);
  return Math.round(Math.max(0, ...good.map(({ sentMs, endedMs = sentMs }) => endedMs - sentMs)));
}

/** "3 failed (2 http-sync-gateway-1 ServiceException, 1 …)" */
function describeFailed(calls: readonly Call[]): string {
  const failed = calls.filter(call => call.outcome !== undefined && !isOk(call));
  if (failed.length === 0) return '0 failed';
  const kinds = Map.groupBy(failed, ({ door, outcome }) => `${door.name} ${outcome}`);
  return `${failed.length} failed (${[...kinds].map(([kind, those]) => `${those.length} ${kind}`).join(', ')})`;
}
