import type { Clock } from '@lambent/core';
import { NatsQueueRoom, type RoomOptions } from './nats-queue-room.ts';
import type { NatsQueueStream } from './nats-queue-stream.ts';
import { NatsStepWatch } from './nats-step-watch.ts';

export interface NatsQueueKnowledgeOptions extends RoomOptions {
  readonly stream: Pick<NatsQueueStream, 'survey'>;
  readonly clock: Clock;
}

/** Others add and remove, too; asking more often would cost the broker more than it helps. */
const SURVEY_INTERVAL_MS = 1_000;

/** What this process knows of one queue: renewed by a survey each second while somebody uses it. */
export class NatsQueueKnowledge {
  readonly room: NatsQueueRoom;
  readonly watch = new NatsStepWatch();
  readonly #options: NatsQueueKnowledgeOptions;
  #learntAtMs = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | undefined;

  constructor(options: NatsQueueKnowledgeOptions) {
    this.#options = options;
    this.room = new NatsQueueRoom(options);
  }

  /** When it should be renewed. */
  get staleAtMs(): number {
    return this.#learntAtMs + SURVEY_INTERVAL_MS;
  }

  /** Makes it less than a second old, unless the broker is away: then what was known still is. */
  async refresh(): Promise<void> {
    if (this.#options.clock.monotonicMs() < this.staleAtMs) return;
    // Whoever needs the broker next is told by it.
    await this.learn().catch(() => {});
  }

  /** One survey at a time, for all who want one. */
  learn(): Promise<void> {
    this.#refreshing ??= this.#survey().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #survey(): Promise<void> {
    const askedAtMs = this.#options.clock.monotonicMs();
    const survey = await this.#options.stream.survey();
    this.room.learn(survey);
    this.watch.learn(survey.steps, askedAtMs);
    this.#learntAtMs = this.#options.clock.monotonicMs();
  }
}
