import type { Clock } from '@lambent/core';
import type { Logger } from '@lambent/daemon';

/** Whoever cannot reach a peer tries each second; that it is still so is said so often. */
const AGAIN_MS = 60_000;
/** More than a cell has peers, each with some causes. */
const REMEMBERED_MAX = 1_024;

/** Tells why streams break or do not open: the same of the same peer once a minute. */
export class StreamTroubles {
  readonly #logger: Logger;
  readonly #clock: Clock;
  /** When something was told last, the longest ago first. */
  readonly #told = new Map<string, number>();

  constructor({ logger, clock }: { readonly logger: Logger; readonly clock: Clock }) {
    this.#logger = logger;
    this.#clock = clock;
  }

  tell(what: 'stream not opened' | 'stream broke', peer: string, cause: string): void {
    const nowMs = this.#clock.monotonicMs();
    const key = `${what} ${peer} ${cause}`;
    const toldMs = this.#told.get(key);
    if (toldMs !== undefined && nowMs - toldMs < AGAIN_MS) return;
    this.#told.delete(key);
    this.#told.set(key, nowMs);
    const [oldest] = this.#told.keys();
    if (oldest !== undefined && this.#told.size > REMEMBERED_MAX) this.#told.delete(oldest);
    this.#logger.info({ peer, cause }, what);
  }
}
