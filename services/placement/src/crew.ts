import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type EnlistRequest,
  type EnlistResponse,
  EnlistResponseSchema,
  type RaiseEnded,
  type WorkerReport,
} from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';
import type { Stream, StreamEvents } from '@lambent/link';

export type ToCrew = NonNullable<MessageInitShape<typeof EnlistResponseSchema>['message']>;

export interface CrewEvents {
  reported(report: WorkerReport): void;
  raiseEnded(workerId: string, ended: RaiseEnded): void;
  left(workerId: string): void;
}

export interface CrewOptions {
  readonly clock: Clock;
  readonly events: CrewEvents;
  /** Which life of a worker the cluster knows of. */
  readonly incarnationOf: (workerId: string) => string | undefined;
}

/**
 * The workers that report here, each by one stream.
 *
 * A stream is *unnamed* until its first report, then *present*, then *over*. A newer stream of a worker ends the one
 * before, but for one of a life that the cluster knows to be past. Nothing is heard of a stream that is over. To all
 * others a beat is sent every second, from which a worker knows that it is still heard.
 */
export class Crew implements Disposable {
  readonly #options: CrewOptions;
  readonly #streams = new Set<Enlisted>();
  readonly #present = new Map<string, Enlisted>();
  #beat: Timer | undefined;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#setBeat();
  }

  /** A new stream came in. */
  readonly enlist = (stream: Stream<EnlistResponse>): StreamEvents<EnlistRequest> => {
    const enlisted: Enlisted = { stream, worker: undefined };
    if (this.#streams.size < STREAMS_MAX) this.#streams.add(enlisted);
    return {
      message: request => this.#receive(enlisted, request),
      closed: () => this.#end(enlisted),
    };
  };

  /** False: it has no stream now. */
  send(workerId: string, message: ToCrew): boolean {
    const enlisted = this.#present.get(workerId);
    enlisted?.stream.send(create(EnlistResponseSchema, { message }));
    return enlisted !== undefined;
  }

  [Symbol.dispose](): void {
    this.#beat?.cancel();
  }

  #setBeat(): void {
    this.#beat = this.#options.clock.setTimer(BEAT_MS, () => {
      this.#setBeat();
      const beat = create(EnlistResponseSchema, { message: { case: 'beat', value: {} } });
      for (const { stream } of this.#streams) stream.send(beat);
    });
  }

  #receive(from: Enlisted, { message }: EnlistRequest): void {
    // Over already, or one too many.
    if (!this.#streams.has(from)) return from.stream.close();
    const { events } = this.#options;
    if (message.case === 'report') {
      if (!from.worker && !this.#name(from, message.value)) return from.stream.close();
      events.reported(message.value);
    } else if (message.case === 'raiseEnded' && from.worker) {
      events.raiseEnded(from.worker.id, message.value);
    }
  }

  #name(newcomer: Enlisted, { workerId, incarnation }: WorkerReport): boolean {
    const present = this.#present.get(workerId);
    const known = this.#options.incarnationOf(workerId);
    const isPast = present?.worker?.incarnation === known && incarnation !== known;
    if (present && known !== undefined && isPast) return false;
    newcomer.worker = { id: workerId, incarnation };
    this.#present.set(workerId, newcomer);
    if (present) {
      this.#streams.delete(present);
      present.stream.close();
    }
    return true;
  }

  #end(enlisted: Enlisted): void {
    this.#streams.delete(enlisted);
    const workerId = enlisted.worker?.id;
    if (workerId === undefined || this.#present.get(workerId) !== enlisted) return;
    this.#present.delete(workerId);
    this.#options.events.left(workerId);
  }
}

interface Enlisted {
  readonly stream: Stream<EnlistResponse>;
  worker: { readonly id: string; readonly incarnation: string } | undefined;
}

/** A worker gives up a stream on which five of them did not come. */
const BEAT_MS = 1_000;
/** A cell's 250 workers, each with an old stream and a new one, and room for those that never say who they are. */
const STREAMS_MAX = 1_000;
