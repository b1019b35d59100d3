import type { Judge, Outcome } from './outcome.ts';

/**
 * One thing under load: a door of Lambent, a floor, another platform. Whoever opened it has it ready to be called;
 * disposing it closes its connections and ends what was started for it alone.
 *
 * Promises: `call` never rejects, for what went wrong is an outcome, and it ends within the patience that the target
 * was opened with. Calls may overlap; how many do is the caller's business, and what waits for one of a bounded number
 * of connections is waited for in the call.
 */
export interface Target extends AsyncDisposable {
  readonly name: string;
  /** Where a target leads to several copies of one function, `copy` says to which; elsewhere it means nothing. */
  call(copy: number): Promise<Outcome>;
  /** Microseconds of CPU that everything behind the target has used so far, where that can be known. */
  readonly cpuUs?: (() => number) | undefined;
}

/** What every kind of target is told. */
export interface TargetOptions {
  readonly name: string;
  /** What each call sends. */
  readonly event: Uint8Array;
  readonly judge: Judge;
  /** After which a call that was not answered is an error. */
  readonly patienceMs: number;
  readonly cpuUs?: (() => number) | undefined;
}

/** What a target that leads to functions is told besides. */
export interface FunctionTargetOptions extends TargetOptions {
  /** The copies. */
  readonly functionNames: readonly string[];
  /** Ask for the tail of the log, which says whether a start was cold. */
  readonly logTail?: boolean;
  /** Leave the event, and wait for nothing but its acceptance. */
  readonly asynchronous?: boolean;
}
