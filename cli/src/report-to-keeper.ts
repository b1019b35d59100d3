import type { Clock, Timer } from '@lambent/core';
import { EXIT_CODES } from '@lambent/daemon';
import { connectKeeper } from '@lambent/worker/keeper';
import { CommandFailure } from './command-failure.ts';

/** An event loop that stood still this long hangs, and is not only busy: the keeper kills the process. */
const DEADLINE_MS = 60_000;
const RENEW_MS = 10_000;

/** Tells the keeper again and again that this process lives, until disposed. */
export function reportToKeeper(options: { readonly clock: Clock; onLost(): Promise<void> }): Disposable {
  const { clock } = options;
  const keeper = connectKeeper(options);
  // It went while this process started: what that has opened is closed again.
  if (!keeper.kept) throw new CommandFailure('the keeper is gone', EXIT_CODES.fatal);
  let timer: Timer;
  const renew = () => {
    keeper.renew(DEADLINE_MS);
    timer = clock.setTimer(RENEW_MS, renew);
  };
  renew();
  return {
    [Symbol.dispose]() {
      timer.cancel();
      keeper[Symbol.dispose]();
    },
  };
}
