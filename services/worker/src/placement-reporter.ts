import { create } from '@bufbuild/protobuf';
import {
  type EnlistRequest,
  EnlistRequestSchema,
  type EnlistResponse,
  type RaiseCommand,
  type WorkerReport,
} from '@lambent/contracts';
import type { Clock, Random, Timer } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import type { Link, Stream } from '@lambent/link';
import type { PlacementAdvice } from './placement-advice.ts';

export interface PlacementReporterOptions {
  readonly link: Link;
  readonly address: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly report: () => WorkerReport;
  readonly advice: PlacementAdvice;
}

/**
 * Tells placement what this worker holds, and hears its advice.
 *
 * - connecting: a stream is being opened, or waits for its next try (0.1, 0.2 … 1 s, jittered) → open, closed
 * - open: a report at once, then when something changed and at most every 100 ms, and every second in any case,
 *   which is how the other side knows that this one lives; it beats as often, and five beats missed end the stream
 *   → connecting, closed
 * - closed: disposed of, for good
 *
 * Without placement the worker goes on with what it has.
 */
export class PlacementReporter implements Disposable {
  readonly #options: PlacementReporterOptions;
  #state: State = { kind: 'connecting' };
  #failures = 0;
  /** The next try, or the next report. */
  #timer: Timer | undefined;
  #reportedMs = Number.NEGATIVE_INFINITY;
  #heardMs = Number.NEGATIVE_INFINITY;
  #dirty = false;

  constructor(options: PlacementReporterOptions) {
    this.#options = options;
    this.#connect();
  }

  /** What would be reported has changed. */
  changed(): void {
    if (this.#dirty || this.#state.kind !== 'open') return;
    this.#dirty = true;
    this.#schedule(this.#reportedMs + REPORT_EVERY_MS - this.#options.clock.monotonicMs());
  }

  [Symbol.dispose](): void {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#timer?.cancel();
    if (state.kind === 'open') state.stream.close();
  }

  #connect(): void {
    const { link, address, logger, clock } = this.#options;
    let broken = false;
    const opening = link.openPlacement(address, {
      message: message => this.#receive(message),
      closed: cause => {
        broken = true;
        if (this.#state.kind !== 'open') return;
        logger.warn({ cause }, 'placement stream closed');
        this.#retry();
      },
    });
    opening.then(
      stream => {
        if (this.#state.kind !== 'connecting') return stream.close();
        if (broken) return this.#retry();
        this.#heardMs = clock.monotonicMs();
        this.#state = { kind: 'open', stream };
        this.#report();
      },
      // Placement may start after us, or be gone for a while; the next try finds out.
      () => this.#retry(),
    );
  }

  #retry(): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'connecting' };
    const { clock, random } = this.#options;
    const delayMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** this.#failures) * (0.5 + random.fraction() / 2);
    this.#failures += 1;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(delayMs, () => this.#connect());
  }

  #receive({ message }: EnlistResponse): void {
    const { advice, clock } = this.#options;
    this.#heardMs = clock.monotonicMs();
    // It is there, not only what accepts streams for it.
    this.#failures = 0;
    if (message.case === 'start' && message.value.spec) advice.start(message.value.spec, message.value);
    else if (message.case === 'raise') void this.#raise(message.value);
    else if (message.case === 'lower') advice.lower(message.value);
    else if (message.case === 'provision') advice.provision(message.value);
  }

  /** The turn is given back to the replica that gave it, with what is held now: others wait for it. */
  async #raise(command: RaiseCommand): Promise<void> {
    const { limitId, turn } = command;
    const granted = await this.#options.advice.raise(command);
    if (this.#state.kind !== 'open') return;
    const value = { limitId, turn, granted };
    this.#state.stream.send(create(EnlistRequestSchema, { message: { case: 'raiseEnded', value } }));
    this.#report();
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(Math.max(0, delayMs), () => this.#report());
  }

  #report(): void {
    if (this.#state.kind !== 'open') return;
    const { stream } = this.#state;
    const nowMs = this.#options.clock.monotonicMs();
    // Tells `closed`, and so opens another one.
    if (nowMs - this.#heardMs >= SILENT_MS) return stream.close();
    this.#dirty = false;
    this.#reportedMs = nowMs;
    const report = this.#options.report();
    stream.send(create(EnlistRequestSchema, { message: { case: 'report', value: report } }));
    this.#schedule(HEARTBEAT_MS);
  }
}

type State =
  | { readonly kind: 'connecting' | 'closed' }
  | { readonly kind: 'open'; readonly stream: Stream<EnlistRequest> };

const REPORT_EVERY_MS = 100;
const HEARTBEAT_MS = 1_000;
const RETRY_MS = 100;
/** A replica that does not hear nine of ten workers is of little use to routers. */
const RETRY_MS_MAX = 1_000;
/** Five beats missed: the stream is dead, whatever the machines between still believe. */
const SILENT_MS = 5_000;
