import type { AwsError } from '@lambent/aws-api';
import type { Bus, BusMessage } from '@lambent/bus';
import { type Clock, Deadline, fail, type Random, sleep } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import type { InvocationType } from '../calls/call.ts';
import type { CallRules } from '../calls/call-rules.ts';
import type { Reception } from '../calls/reception.ts';
import { deadlineMsOf, eventRequestId, readMessage } from './read-message.ts';
import { type Reply, writeAnswer, writeRefusal } from './write-reply.ts';

export interface NatsDoorOptions {
  readonly bus: Bus;
  readonly drainTimeoutMs: number;
  readonly reception: Reception;
  readonly rules: CallRules;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Invoking over NATS: `invoke.<function>[.<qualifier>]`, below the cluster's name, is answered with what the function
 * answers, `event.…` as soon as the event is durable. All gateways share what comes.
 *
 * - open: takes messages.
 * - draining: entered by dispose; what is sent from then on is the other gateways', what came before is answered, for
 *   at most `drainTimeoutMs`; then it is told that its outcome is unknown.
 * - closed: everybody has an answer. The bus stays open: it is not the door's.
 */
export class NatsDoor implements AsyncDisposable {
  readonly #options: NatsDoorOptions;
  readonly #logger: Logger;
  readonly #subscriptions: readonly AsyncDisposable[];
  readonly #answers = new Set<Promise<void>>();
  readonly #cutOff = new AbortController();
  #closed: Promise<void> | undefined;

  private constructor(options: NatsDoorOptions) {
    this.#options = options;
    this.#logger = options.logger.child({ component: 'nats-door' });
    this.#subscriptions = [this.#listen('invoke', 'RequestResponse'), this.#listen('event', 'Event')];
  }

  static open(options: NatsDoorOptions): NatsDoor {
    return new NatsDoor(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #listen(kind: string, type: InvocationType): AsyncDisposable {
    return this.#options.bus.subscribe(
      `${kind}.>`,
      message => {
        // The connection is closed: whoever asked runs into its own timeout, as with any gateway that died.
        const lost = (err: unknown) => this.#logger.warn({ err }, 'reply lost');
        const answered = this.#answer(message, type).catch(lost);
        this.#answers.add(answered);
        void answered.finally(() => this.#answers.delete(answered));
      },
      { group: 'gateways' },
    );
  }

  async #answer(message: BusMessage, type: InvocationType): Promise<void> {
    const { random } = this.#options;
    const requestId = type === 'Event' ? eventRequestId(message, random) : random.uuid();
    const headers: Record<string, string> = { 'Lambent-Request-Id': requestId };
    const traced = (header: string) => {
      headers['X-Amzn-Trace-Id'] = header;
    };
    const reply = await this.#call(message, { type, requestId, traced }).catch(async (error: AwsError) => {
      const refusal = await this.#options.rules.write(error);
      // Who published an event without asking for a reply is told nowhere else.
      if (type === 'Event') this.#noteRefusedEvent(message, refusal.type, requestId);
      return writeRefusal(refusal);
    });
    message.respond(reply.body, { ...reply.headers, ...headers });
  }

  /** Rejects with an `AwsError`. */
  async #call(
    message: BusMessage,
    told: { type: InvocationType; requestId: string; traced: (header: string) => void },
  ): Promise<Reply> {
    const { reception, clock } = this.#options;
    using deadline = new DisposableStack();
    const answer = await reception.answer('Invoke', () => {
      const deadlineMs = deadlineMsOf(message);
      const { signal } =
        deadlineMs === undefined
          ? this.#cutOff
          : deadline.use(Deadline.after(clock, deadlineMs, this.#cutOff.signal));
      return { ...readMessage(message, told), traced: told.traced, signal };
    });
    return writeAnswer(answer);
  }

  #noteRefusedEvent({ subject }: BusMessage, errorType: string, requestId: string): void {
    this.#logger.warn(
      { subject: subject.slice(0, SUBJECT_SHOWN_MAX), errorType, requestId },
      'event refused',
    );
  }

  async #close(): Promise<void> {
    const { clock, drainTimeoutMs } = this.#options;
    await Promise.all(this.#subscriptions.map(subscription => subscription[Symbol.asyncDispose]()));
    const finished = new AbortController();
    const late = sleep(clock, drainTimeoutMs, { signal: finished.signal }).then(
      () => this.#cutOff.abort(fail('draining', { member: 'the gateway' })),
      // Everybody was answered in time.
      () => {},
    );
    await Promise.all(this.#answers);
    finished.abort();
    await late;
  }
}

/** Of a subject in the log: two names and the rest of it. */
const SUBJECT_SHOWN_MAX = 256;
