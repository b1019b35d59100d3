/**
 * Time, as a port: nothing in Lambent reads the machine's clock but the adapters of this file.
 *
 * Promises: `monotonicMs` never goes back and is what every deadline, lease and duration is counted in;
 * `nowMs` is wall time, may jump, and is only ever shown to people and to functions. A timer fires once, at most a
 * millisecond before its time (the system's own count whole ones); cancelling it after it has fired does nothing.
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start, with a fraction. */
  monotonicMs(): number;
  /** Calls `fire` once after `delayMs`. */
  setTimer(delayMs: number, fire: () => void): Timer;
}

/** A timer that can be taken back. Disposing it twice, or after it fired, does nothing. */
export interface Timer extends Disposable {
  cancel(): void;
}

/** Waits `delayMs` on `clock`. Rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, delayMs: number, options: { signal?: AbortSignal } = {}): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abandon = () => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', abandon);
      resolve();
    });
    signal?.addEventListener('abort', abandon, { once: true });
  });
}
