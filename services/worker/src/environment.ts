import type { EnvironmentKey, EnvironmentKeyText, EnvironmentSpec, Invoke } from '@lambent/contracts';
import { environmentKeyText } from '@lambent/contracts';
import { type Clock, QUOTAS, type ResponseSink } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import { InitFailure, RestoreFailure } from '@lambent/runtimes';
import type { Completion } from './completion.ts';
import type { EnvironmentLog } from './environment-log.ts';
import { type InitializationType, initTimeoutMs } from './initialization-type.ts';
import { InvocationReport } from './invocation-report.ts';
import type { RuntimeBuild } from './platform-event.ts';
import { outcomeOf, type RunEnd } from './run-end.ts';
import type { RuntimeProcess, Waited } from './runtime-process.ts';

export interface EnvironmentOptions {
  readonly spec: EnvironmentSpec;
  readonly key: EnvironmentKey;
  readonly initializationType: InitializationType;
  readonly runtimeBuild: RuntimeBuild;
  /** Started before anybody waits for it. */
  readonly prewarmed: boolean;
  readonly reuse: ReuseLimits;
  /** Whether nothing of it runs while it is idle. */
  readonly freezeIdle: boolean;
  readonly log: EnvironmentLog;
  /** Starts the runtime anew. Rejects when the platform cannot; undefined when the package holds no program. */
  readonly launch: () => Promise<RuntimeProcess | undefined>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly logger: Logger;
  readonly events: EnvironmentEvents;
}

/** After how much an environment is replaced; undefined: never for that. */
export interface ReuseLimits {
  readonly environmentUsesMax: number | undefined;
  readonly environmentAgeMsMax: number | undefined;
}

/** What whoever holds environments is told. */
export interface EnvironmentEvents {
  /** It is idle again. `late`: the result of its invocation was sent before. */
  rested(environment: Environment, how: { readonly late: boolean }): void;
  answered(environment: Environment, invoke: Invoke, completion: Completion): void;
  /** The platform failed before the event reached a runtime; the environment ends. */
  notStarted(environment: Environment, invoke: Invoke): void;
  /** It takes no more invocations. Called at once, also from within `end`. */
  ending(environment: Environment): void;
  /** Nothing of it is left. */
  ended(environment: Environment): void;
}

/** What a first start came to. `init-failed` leaves the environment idle: its next invocation repeats the init. */
export type StartEnd = { readonly kind: 'ready' | 'init-failed' | 'ended'; readonly initMs: number };

/**
 * One execution environment: at most one runtime process, one event at a time.
 *
 * | state    | entered                                      | what happens                        | left         |
 * |----------|----------------------------------------------|-------------------------------------|--------------|
 * | starting | when made                                    | the runtime starts, init            | idle, ending |
 * | idle     | init over, or the runtime asks for an event  | nothing; it may have no process     | busy, ending |
 * | busy     | `run`                                        | one invocation, until its rest      | idle, ending |
 * | ending   | `end`, a timeout, the exit of the process    | everything inside is killed         | ended        |
 * | ended    | nothing of it is left                        | its slot is given back              | never        |
 *
 * A failed init is suppressed, as on AWS: the environment becomes idle without a process, and the invocation that
 * comes next repeats the init under the function's own timeout. If that fails too it is the invocation's outcome.
 */
export class Environment {
  readonly key: EnvironmentKey;
  readonly keyText: EnvironmentKeyText;
  readonly spec: EnvironmentSpec;
  /** Held ready whether it is used or not: neither rest nor want of memory ends it. */
  readonly provisioned: boolean;
  readonly prewarmed: boolean;
  readonly #options: EnvironmentOptions;
  #state: State = { kind: 'starting' };
  #launching: Promise<RuntimeProcess | undefined> | undefined;
  readonly #bornMs: number;
  #uses = 0;
  /** Of the last init that went well. */
  #lastInitMs = 0;
  /** Duration of the init that no invocation has reported yet. */
  #initMs = 0;
  /** The invocation that runs, or the last one. */
  #serving: Promise<void> = Promise.resolve();
  #ended: Promise<void> | undefined;

  constructor(options: EnvironmentOptions) {
    this.key = options.key;
    this.keyText = environmentKeyText(options.key);
    this.spec = options.spec;
    this.provisioned = options.initializationType === 'provisioned-concurrency';
    this.prewarmed = options.prewarmed;
    this.#options = options;
    this.#bornMs = options.clock.monotonicMs();
  }

  get state(): State['kind'] {
    return this.#state.kind;
  }

  /** Whether it takes no more invocations, now or once it rests. */
  get leaving(): boolean {
    if (this.#state.kind === 'busy') return this.#state.retires;
    return this.#state.kind === 'ending' || this.#state.kind === 'ended';
  }

  /** Whether it has served nobody yet. */
  get fresh(): boolean {
    return this.#uses === 0;
  }

  /** With SnapStart, whether it has served nobody yet: its first invocation restores it. */
  get standby(): boolean {
    return this.#snapStart && this.fresh;
  }

  /** How long it took to be ready; 0 when it is not. */
  get initMs(): number {
    return this.#lastInitMs;
  }

  /** Whether it has served as often or as long as one may. */
  get worn(): boolean {
    const { reuse, clock } = this.#options;
    const { environmentUsesMax = Number.POSITIVE_INFINITY, environmentAgeMsMax = Number.POSITIVE_INFINITY } =
      reuse;
    return this.#uses >= environmentUsesMax || clock.monotonicMs() - this.#bornMs >= environmentAgeMsMax;
  }

  /** Monotonic time since which it is idle. */
  get idleSinceMs(): number {
    return this.#state.kind === 'idle' ? this.#state.sinceMs : Number.POSITIVE_INFINITY;
  }

  /** Rejects, having ended, when the platform cannot start it. */
  async start(): Promise<StartEnd> {
    try {
      const init = await this.#init('init', () => initTimeoutMs(this.#options.initializationType, this.spec));
      if (init.end) await init.process?.[Symbol.asyncDispose]();
      if (!init.end && init.process?.left) await this.end();
      if (this.#state.kind !== 'starting') return { kind: 'ended', initMs: init.initMs };
      // With SnapStart its report has told of it, as AWS's does.
      if (!init.end && !this.#snapStart) this.#initMs = init.initMs;
      this.#rest(init.end ? undefined : init.process);
      return { kind: init.end ? 'init-failed' : 'ready', initMs: init.initMs };
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /**
   * Runs one invocation; only while idle. The slot is given back when the runtime rests or is reaped. With a `sink` its
   * response goes there as it is written.
   */
  run(invoke: Invoke, slot: Disposable, sink?: ResponseSink): void {
    if (this.#state.kind !== 'idle')
      throw new TypeError(`an environment that is ${this.#state.kind} was run`);
    const { process } = this.#state;
    const restores = this.standby;
    this.#state = { kind: 'busy', slot, retires: false };
    this.#uses += 1;
    if (process && restores) {
      this.#serving = this.#serveAfterRestore(process, invoke, sink);
    } else {
      const report = new InvocationReport({ ...this.#options, invoke, sink });
      this.#serving = process ? this.#serve(process, report) : this.#serveAfterInit(report);
    }
  }

  /** Ends it as soon as it has nothing to do. */
  retire(): void {
    if (this.#state.kind === 'busy') this.#state.retires = true;
    else void this.end();
  }

  /** Kills whatever runs. Resolves when nothing is left and its result was given; may be called again. */
  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  get #snapStart(): boolean {
    return this.#options.initializationType === 'snap-start';
  }

  async #init(phase: 'init' | 'invoke', timeoutMs: () => number): Promise<Init> {
    const { log, clock, initializationType } = this.#options;
    this.#launching = this.#options.launch();
    const process = await this.#launching;
    const startedMs = clock.monotonicMs();
    const end = process ? await this.#awaitInit(process, timeoutMs()) : NO_ENTRYPOINT;
    const initMs = clock.monotonicMs() - startedMs;
    log.platform({ type: 'initReport', initializationType, phase, durationMs: initMs, ...initStatus(end) });
    if (!end) this.#lastInitMs = initMs;
    if (process && !end) void process.gone.then(() => this.#leftIdle(process));
    return { process, end, initMs };
  }

  /** Undefined: the runtime is ready. */
  async #awaitInit(process: RuntimeProcess, timeoutMs: number): Promise<RunEnd | undefined> {
    using _deadline = this.#options.clock.setTimer(timeoutMs, () => process.expire());
    try {
      const waited = await process.init();
      if (waited.kind === 'done') return undefined;
      await process.drainOutput();
      return waited.kind === 'exit' ? waited : { kind: 'timeout', timeoutMs: this.spec.timeoutMs };
    } catch (error) {
      if (!(error instanceof InitFailure)) throw error;
      await process.drainOutput();
      return { kind: 'init-error', errorType: error.errorType, payload: error.payload };
    }
  }

  /** In a time of its own, which is no part of the function's. */
  async #serveAfterRestore(process: RuntimeProcess, invoke: Invoke, sink?: ResponseSink): Promise<void> {
    const { log, clock, runtimeBuild } = this.#options;
    log.platform({ type: 'restoreStart', ...runtimeBuild });
    const startedMs = clock.monotonicMs();
    const end = await this.#awaitRestore(process, QUOTAS.restoreMs);
    const restoreMs = clock.monotonicMs() - startedMs;
    log.platform({ type: 'restoreReport', durationMs: restoreMs, ...initStatus(end) });
    const report = new InvocationReport({ ...this.#options, invoke, sink, restoreMs });
    return end ? this.#fail(process, report, end) : this.#serve(process, report);
  }

  /** Undefined: the runtime asks for its first event. */
  async #awaitRestore(process: RuntimeProcess, timeoutMs: number): Promise<RunEnd | undefined> {
    using _deadline = this.#options.clock.setTimer(timeoutMs, () => process.expire());
    try {
      const waited = await process.restore();
      if (waited.kind === 'done') return undefined;
      return waited.kind === 'exit' ? waited : { kind: 'restore-timeout' };
    } catch (error) {
      if (!(error instanceof RestoreFailure)) throw error;
      return { kind: 'restore-error', payload: error.payload };
    } finally {
      await process.drainOutput();
    }
  }

  async #serve(process: RuntimeProcess, report: InvocationReport): Promise<void> {
    const { clock, events } = this.#options;
    using _deadline = clock.setTimer(report.remainingMs, () => process.expire());
    const waited = await process.invoke(report.event(), report.sink);
    report.stop();
    if (waited.kind !== 'done') {
      const timeout = { kind: 'timeout', timeoutMs: this.spec.timeoutMs } as const;
      return this.#fail(process, report, waited.kind === 'exit' ? waited : timeout);
    }
    let rest: Waited<void> | undefined;
    const resting = process.rested().then(end => {
      rest = end;
    });
    await process.drainOutput();
    // Most runtimes ask for more right behind the answer; then the result can count this environment as idle.
    if (!rest) await this.#orShortly(resting);
    const usage = { initMs: this.#takeInitMs(), peakMemoryMb: process.peakMemoryMb };
    const completion = report.complete({ kind: 'answer', answer: waited.value }, usage);
    const late = !rest;
    if (rest) this.#leave(process, rest, { late });
    events.answered(this, report.invoke, completion);
    await resting;
    if (late && rest) this.#leave(process, rest, { late });
  }

  /** The init that failed before is repeated inside the invocation. */
  async #serveAfterInit(report: InvocationReport): Promise<void> {
    let init: Init;
    try {
      init = await this.#init('invoke', () => report.remainingMs);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'environment not started');
      report.abandon();
      void this.end();
      return this.#options.events.notStarted(this, report.invoke);
    }
    const { process, end } = init;
    if (!process || end) return this.#fail(process, report, end ?? NO_ENTRYPOINT);
    const unrestored = this.#snapStart
      ? await this.#awaitRestore(process, Math.min(QUOTAS.restoreMs, report.remainingMs))
      : undefined;
    return unrestored ? this.#fail(process, report, unrestored) : this.#serve(process, report);
  }

  /** The result goes out at once; the slot is given back only when the process is reaped. */
  async #fail(process: RuntimeProcess | undefined, report: InvocationReport, end: RunEnd): Promise<void> {
    const usage = { initMs: this.#takeInitMs(), peakMemoryMb: process?.peakMemoryMb ?? 0 };
    // Else whoever called `end` is to blame, and not the function.
    const cutOff = this.#state.kind !== 'busy';
    void this.end();
    await process?.drainOutput();
    this.#options.events.answered(this, report.invoke, { ...report.complete(end, usage), cutOff });
  }

  #leave(process: RuntimeProcess, rest: Waited<void>, how: { readonly late: boolean }): void {
    if (this.#state.kind !== 'busy') return;
    const { slot, retires } = this.#state;
    if (rest.kind !== 'done' || retires || process.left || this.worn) return void this.end();
    slot[Symbol.dispose]();
    this.#rest(process);
    this.#options.events.rested(this, how);
  }

  #rest(process: RuntimeProcess | undefined): void {
    const { clock, freezeIdle } = this.#options;
    if (freezeIdle) process?.freeze();
    this.#state = { kind: 'idle', process, sinceMs: clock.monotonicMs() };
  }

  #leftIdle(process: RuntimeProcess): void {
    if (this.#state.kind === 'idle' && this.#state.process === process) void this.end();
  }

  async #orShortly(resting: Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _grace = this.#options.clock.setTimer(REST_GRACE_MS, resolve);
    await Promise.race([resting, promise]);
  }

  #takeInitMs(): number {
    const initMs = this.#initMs;
    this.#initMs = 0;
    return initMs;
  }

  async #end(): Promise<void> {
    const slot = this.#state.kind === 'busy' ? this.#state.slot : undefined;
    this.#state = { kind: 'ending' };
    this.#options.events.ending(this);
    try {
      const process = await this.#launching?.catch(() => undefined);
      await process?.[Symbol.asyncDispose]();
      await this.#serving;
    } catch (error) {
      // Something of it may still run, so it stays in this state and keeps its slot and its memory.
      this.#options.logger.error({ err: error }, 'environment not removed');
      return;
    }
    this.#state = { kind: 'ended' };
    slot?.[Symbol.dispose]();
    this.#options.events.ended(this);
  }
}

type State =
  | { readonly kind: 'starting' | 'ending' | 'ended' }
  | { readonly kind: 'idle'; readonly process: RuntimeProcess | undefined; readonly sinceMs: number }
  | { readonly kind: 'busy'; readonly slot: Disposable; retires: boolean };

interface Init {
  readonly process: RuntimeProcess | undefined;
  /** How it failed; undefined when the runtime is ready. */
  readonly end: RunEnd | undefined;
  readonly initMs: number;
}

function initStatus(end: RunEnd | undefined) {
  if (!end) return { status: 'success' } as const;
  const outcome = outcomeOf(end, '');
  if (outcome.kind === 'timeout') return { status: 'timeout' } as const;
  return { status: 'error', errorType: outcome.kind === 'ok' ? '' : outcome.errorType } as const;
}

const NO_ENTRYPOINT: RunEnd = { kind: 'no-entrypoint' };
/** How long a result waits to tell of its environment as idle: far below what a person or a percentile sees. */
const REST_GRACE_MS = 2;
