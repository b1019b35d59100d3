import { type Clock, sleep } from '@lambent/core';
import { EXIT_CODES } from '@lambent/daemon';
import type { Renewal } from './keeper-message.ts';

export interface KeeperConnectionOptions {
  /** The keeper is gone and nobody enforces our end any more: end and remove every sandbox. The process exits after. */
  onLost(): Promise<void>;
  readonly clock: Clock;
}

/** The kept process's side of its keeper. */
export interface KeeperConnection extends Disposable {
  /** Whether there is a keeper: not where the process was started by hand. */
  readonly kept: boolean;
  /** Unless this is called again before that monotonic time, the keeper kills this process and all its sandboxes. */
  renew(untilMs: number): void;
}

/** Nothing may outlive the keeper by 5 s; what is still there then dies with this process, as its children do. */
const LOST_EXIT_WITHIN_MS = 4_000;

/** Disposing it ends the watch: from then on the keeper may go, as it does when both are ended together. */
export function connectKeeper({ onLost, clock }: KeeperConnectionOptions): KeeperConnection {
  const end = async () => {
    await Promise.race([onLost().catch(() => {}), sleep(clock, LOST_EXIT_WITHIN_MS)]);
    process.exit(EXIT_CODES.fatal);
  };
  const lost = () => void end();
  const kept = process.channel !== undefined && process.channel !== null;
  if (kept) {
    process.once('disconnect', lost);
    // Being kept is no work: a process that has nothing else to do may end.
    process.channel?.unref();
  }
  return {
    kept,
    renew(untilMs) {
      const renewal: Renewal = { untilMs };
      // A channel that breaks meanwhile is told by its end.
      if (process.connected) process.send?.(renewal, undefined, undefined, () => {});
    },
    [Symbol.dispose]() {
      process.off('disconnect', lost);
    },
  };
}
