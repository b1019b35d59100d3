import { type Clock, sleep } from '@lambent/core';
import type { Arrivals } from './arrivals.ts';
import type { Recording } from './recording.ts';
import type { Target } from './target.ts';

export interface LoopOptions {
  readonly target: Target;
  readonly durationMs: number;
  readonly recording: Recording;
  readonly clock: Clock;
  /** Ends the loop early. */
  readonly signal: AbortSignal;
}

export interface OpenLoopOptions extends LoopOptions {
  readonly arrivals: Arrivals;
  /** Calls under way beyond which one that falls due is counted and not sent: a loop that falls behind never grows. */
  readonly outstandingMax: number;
}

/** Once a loop was ended early, what is under way is waited for so long: whoever ended it wants to see the report. */
const INTERRUPTED_PATIENCE_MS = 2_000;

/**
 * Sends each call when it is due, whatever became of those before. Latency counts from when a call was due and not
 * from when it was sent, so that neither a slow answer nor a slow sender hides the wait of those behind (what is known
 * as coordinated omission). Resolves when the time is over and everything was answered.
 */
export async function runOpenLoop(options: OpenLoopOptions): Promise<void> {
  const { target, arrivals, outstandingMax, durationMs, recording, clock, signal } = options;
  const startMs = recording.begin();
  const underWay = new Set<Promise<void>>();
  for (const { atMs, copy } of arrivals) {
    await until(startMs + atMs, clock, signal);
    if (signal.aborted) break;
    if (underWay.size >= outstandingMax) {
      recording.unsent();
      continue;
    }
    const call = recording.call(target, { dueMs: startMs + atMs, copy }).then(() => {
      underWay.delete(call);
    });
    underWay.add(call);
  }
  await until(startMs + durationMs, clock, signal);
  recording.endSending();
  await answered([...underWay], options);
}

export interface ClosedLoopOptions extends LoopOptions {
  readonly callers: number;
  /** Calls are for each of so many copies in turn. */
  readonly copies: number;
}

/**
 * `callers` callers, each sending its next call when the last was answered: nothing is due at any time, so a call's
 * latency counts from its sending. What such callers see is what a fixed number of workers sees, and no more.
 */
export async function runClosedLoop(options: ClosedLoopOptions): Promise<void> {
  const { target, callers, copies, durationMs, recording, clock, signal } = options;
  const startMs = recording.begin();
  const endMs = startMs + durationMs;
  let copy = 0;
  const caller = async () => {
    while (!signal.aborted && clock.monotonicMs() < endMs) {
      copy = (copy + 1) % copies;
      await recording.call(target, { dueMs: clock.monotonicMs(), copy });
    }
  };
  const lanes = Array.from({ length: callers }, caller);
  await Promise.race([Promise.all(lanes), until(endMs, clock, signal)]);
  recording.endSending();
  await answered(lanes, options);
}

/** At once where that is past, and when the loop is ended. */
async function until(dueMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let leftMs = dueMs - clock.monotonicMs(); leftMs > 0; leftMs = dueMs - clock.monotonicMs()) {
    if (signal.aborted) return;
    await sleep(clock, leftMs, { signal }).catch(() => undefined);
  }
}

/** Every call ends within its target's patience; those of a loop that was ended early are given up before. */
async function answered(calls: readonly Promise<void>[], { clock, signal }: LoopOptions): Promise<void> {
  using patience = new DisposableStack();
  const givenUp = new Promise<void>(resolve => {
    const wait = () => patience.use(clock.setTimer(INTERRUPTED_PATIENCE_MS, resolve));
    if (signal.aborted) return void wait();
    signal.addEventListener('abort', wait, { once: true });
    patience.defer(() => signal.removeEventListener('abort', wait));
  });
  await Promise.race([Promise.all(calls), givenUp]);
}
