import { type Clock, Deadline, sleep } from '@lambent/core';
import type { Msg } from '@nats-io/nats-core';
import type { NatsDelivered, NatsDelivery } from './nats-delivery.ts';
import type { NatsFetched } from './nats-fetch.ts';
import type { NatsQueueKnowledge } from './nats-queue-knowledge.ts';
import type { NatsQueueStream } from './nats-queue-stream.ts';
import { parseReceipt } from './nats-receipt.ts';
import { againAfter } from './nats-verdicts.ts';

export interface NatsPullerOptions {
  readonly stream: Pick<NatsQueueStream, 'fetch' | 'brokerMs'>;
  readonly knowledge: NatsQueueKnowledge;
  readonly clock: Clock;
  /** Aborted when the bus closes. */
  readonly closing: AbortSignal;
  readonly deliver: (delivered: NatsDelivered) => NatsDelivery;
}

/** Doubled while all that comes of a step is due: at most half of what is brought here is there too early. */
const FIRST_BATCH = 4;
/** Between looks for a broker that is away. */
const AWAY_PAUSE_MS = 250;

/** Takes out of a queue what is due: of the delay steps first, where it lies, and then what never had to wait. */
export class NatsPuller {
  readonly #options: NatsPullerOptions;
  /** Requests that wait for a message that never had to: as many as pulls. */
  readonly #waits = new Set<Wait>();

  constructor(options: NatsPullerOptions) {
    this.#options = options;
  }

  async pull(options: {
    max: number;
    waitMs: number;
    signal?: AbortSignal;
  }): Promise<readonly NatsDelivery[]> {
    const { max, waitMs, signal } = options;
    const { clock, closing } = this.#options;
    using deadline = Deadline.after(clock, waitMs, signal);
    const ends = signal ? [signal, closing] : [closing];
    for (;;) {
      if (ends.some(end => end.aborted)) return [];
      const taking = this.#take(max, deadline, ends);
      await firstOf(taking, ends);
      if (ends.some(end => end.aborted)) {
        // Nobody waits any more; what cannot be given back comes again by itself.
        taking.then(giveBack).catch(() => {});
        return [];
      }
      const deliveries = await taking;
      if (deliveries.length > 0 || deadline.remainingMs === 0) return deliveries;
    }
  }

  /** Something falls due at `atMs`, of the monotonic clock: nobody waits for longer. */
  hurry(atMs: number): void {
    for (const { untilMs, end } of this.#waits) if (untilMs > atMs) end.abort();
  }

  async #take(
    max: number,
    deadline: Deadline,
    ends: readonly AbortSignal[],
  ): Promise<readonly NatsDelivery[]> {
    const { knowledge, deliver } = this.#options;
    await knowledge.refresh();
    const due = await this.#takeDue(max, ends);
    if (due.length >= max) return due;
    const waitMs = due.length > 0 ? 0 : deadline.remainingMs;
    const { messages, answered } = await this.#takeFresh(max - due.length, waitMs, ends);
    if (!answered && due.length + messages.length === 0) await this.#pause(deadline);
    return [...due, ...messages.map(message => deliver({ message, stepMs: 0, early: 0 }))];
  }

  /** Waits no longer than until something may fall due, or until others may have put in what nobody here knows of. */
  async #takeFresh(batch: number, waitMs: number, ends: readonly AbortSignal[]): Promise<NatsFetched> {
    const { stream, knowledge, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const untilMs = Math.min(nowMs + waitMs, knowledge.watch.nextLookAtMs, knowledge.staleAtMs);
    const wait: Wait = { untilMs, end: new AbortController() };
    this.#waits.add(wait);
    try {
      const request = { batch, waitMs: Math.max(0, untilMs - nowMs), ends: [...ends, wait.end.signal] };
      return await stream.fetch(0, request);
    } finally {
      this.#waits.delete(wait);
    }
  }

  async #takeDue(max: number, ends: readonly AbortSignal[]): Promise<NatsDelivery[]> {
    const { knowledge, clock } = this.#options;
    const taken: NatsDelivery[] = [];
    for (const stepMs of knowledge.watch.due(clock.monotonicMs())) {
      if (taken.length >= max || ends.some(end => end.aborted)) break;
      taken.push(...(await this.#takeStep(stepMs, max - taken.length, ends)));
    }
    return taken.sort((a, b) => a.dueAtMs - b.dueAtMs);
  }

  async #takeStep(stepMs: number, max: number, ends: readonly AbortSignal[]): Promise<NatsDelivery[]> {
    const { stream, knowledge, clock } = this.#options;
    const taken: NatsDelivery[] = [];
    let more = true;
    for (let batch = FIRST_BATCH; more && taken.length < max; batch *= 2) {
      const asked = Math.min(batch, max - taken.length);
      const { messages } = await stream.fetch(stepMs, { batch: asked, waitMs: 0, ends });
      const due = messages.filter(message => this.#isDue(message, stepMs));
      for (const message of due) taken.push(...(await this.#deliverDue(message, stepMs)));
      more = due.length === asked;
    }
    knowledge.watch.looked(stepMs, clock.monotonicMs(), more);
    return taken;
  }

  /** One that is not is given back until it is. */
  #isDue(message: Msg, stepMs: number): boolean {
    const { stream, knowledge, clock } = this.#options;
    const { sequence, storedAtMs } = parseReceipt(message.reply);
    const dueInMs = storedAtMs + stepMs - stream.brokerMs;
    if (dueInMs <= 0) return true;
    message.respond(againAfter(dueInMs));
    knowledge.watch.tooEarly(stepMs, sequence, clock.monotonicMs() + dueInMs);
    return false;
  }

  async #deliverDue(message: Msg, stepMs: number): Promise<readonly NatsDelivery[]> {
    const { knowledge, deliver } = this.#options;
    const early = knowledge.watch.delivered(stepMs, parseReceipt(message.reply).sequence);
    const delivery = deliver({ message, stepMs, early });
    if (delivery.restMs === 0) return [delivery];
    // What cannot be sent on now comes again, and is sent on then.
    await delivery.waitOn().catch(() => {});
    return [];
  }

  async #pause(deadline: Deadline): Promise<void> {
    const pauseMs = Math.min(AWAY_PAUSE_MS, deadline.remainingMs);
    // Aborted: whoever waits sees that.
    await sleep(this.#options.clock, pauseMs, { signal: deadline.signal }).catch(() => {});
  }
}

interface Wait {
  readonly untilMs: number;
  readonly end: AbortController;
}

/** Resolves when the work is done, however it ended, or one of the signals is aborted. */
function firstOf(work: Promise<unknown>, ends: readonly AbortSignal[]): Promise<void> {
  return new Promise(resolve => {
    const finish = () => {
      for (const end of ends) end.removeEventListener('abort', finish);
      resolve();
    };
    for (const end of ends) end.addEventListener('abort', finish);
    work.then(finish, finish);
  });
}

async function giveBack(deliveries: readonly NatsDelivery[]): Promise<void> {
  await Promise.all(deliveries.map(delivery => delivery.release()));
}
