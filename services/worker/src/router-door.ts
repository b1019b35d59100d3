import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type ConnectRequest,
  type ConnectResponse,
  ConnectResponseSchema,
  type Invoke,
  type PartTaken,
  type Query,
} from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';
import type { Link, Stream, StreamEvents } from '@lambent/link';

/** What is said to a router. */
export type ToRouter = NonNullable<MessageInitShape<typeof ConnectResponseSchema>['message']>;

/** What routers say. */
export interface RouterEvents {
  /** A router is there, for the first time or again. */
  joined(routerId: string): void;
  invoke(routerId: string, invoke: Invoke): void;
  query(routerId: string, query: Query): void;
  partTaken(routerId: string, taken: PartTaken): void;
  /** A router has no stream any more, or a new one is about to take its place. */
  left(routerId: string): void;
  /** The function is deleted. */
  retire(functionId: string): void;
}

export interface RouterDoorOptions {
  readonly link: Link;
  readonly address: string;
  readonly clock: Clock;
}

/**
 * Where routers come in: one stream each, with a heartbeat every second both ways.
 *
 * A stream is *unnamed* until its Hello, then *named*, then *closed*. The second stream of a router closes the first
 * before anything of the second is heard, and nothing is heard of a closed stream: so whatever the router then asks
 * about and this worker has not seen will never be seen by another way. Five missed heartbeats close a stream.
 */
export class RouterDoor implements AsyncDisposable {
  readonly #options: RouterDoorOptions;
  readonly #streams = new Set<RouterStream>();
  readonly #named = new Map<string, RouterStream>();
  #events: RouterEvents | undefined;
  #served: AsyncDisposable | undefined;
  #beat: Timer | undefined;
  #hungUp = false;

  constructor(options: RouterDoorOptions) {
    this.#options = options;
  }

  /** Opens the door; once. */
  async serve(events: RouterEvents): Promise<void> {
    const { link, address } = this.#options;
    this.#events = events;
    this.#setBeat();
    this.#served = await link.serveWorker(address, stream => this.#accept(stream, events));
  }

  /** False when that router has no stream now. */
  send(routerId: string, message: ToRouter): boolean {
    const named = this.#named.get(routerId);
    named?.stream.send(create(ConnectResponseSchema, { message }));
    return named !== undefined;
  }

  broadcast(message: ToRouter): void {
    if (this.#named.size === 0) return;
    const encoded = create(ConnectResponseSchema, { message });
    for (const { stream } of this.#named.values()) stream.send(encoded);
  }

  /** At once and for good: whoever is connected hears nothing more, and nobody gets in. */
  hangUp(): void {
    this.#hungUp = true;
    for (const stream of [...this.#streams]) this.#close(stream);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#beat?.cancel();
    await this.#served?.[Symbol.asyncDispose]();
    for (const stream of [...this.#streams]) this.#close(stream);
  }

  #accept(stream: Stream<ConnectResponse>, events: RouterEvents): StreamEvents<ConnectRequest> {
    const accepted: RouterStream = {
      stream,
      routerId: undefined,
      heardMs: this.#options.clock.monotonicMs(),
    };
    if (!this.#hungUp && this.#streams.size < STREAMS_MAX) this.#streams.add(accepted);
    return {
      message: request => this.#receive(accepted, request, events),
      closed: () => this.#forget(accepted),
    };
  }

  #receive(from: RouterStream, { message }: ConnectRequest, events: RouterEvents): void {
    // Closed already, one too many, or too late.
    if (!this.#streams.has(from)) return from.stream.close();
    from.heardMs = this.#options.clock.monotonicMs();
    if (message.case === 'hello') return this.#name(from, message.value.routerId, events);
    if (from.routerId === undefined) return this.#close(from);
    if (message.case === 'invoke') events.invoke(from.routerId, message.value);
    else if (message.case === 'query') events.query(from.routerId, message.value);
    else if (message.case === 'partTaken') events.partTaken(from.routerId, message.value);
    else if (message.case === 'retire') events.retire(message.value.functionId);
  }

  #name(stream: RouterStream, routerId: string, events: RouterEvents): void {
    const earlier = this.#named.get(routerId);
    if (earlier && earlier !== stream) this.#close(earlier);
    stream.routerId = routerId;
    this.#named.set(routerId, stream);
    events.joined(routerId);
  }

  #close(stream: RouterStream): void {
    this.#forget(stream);
    stream.stream.close();
  }

  #forget(stream: RouterStream): void {
    this.#streams.delete(stream);
    if (stream.routerId === undefined || this.#named.get(stream.routerId) !== stream) return;
    this.#named.delete(stream.routerId);
    this.#events?.left(stream.routerId);
  }

  #setBeat(): void {
    this.#beat = this.#options.clock.setTimer(HEARTBEAT_MS, () => {
      const silentSinceMs = this.#options.clock.monotonicMs() - SILENCE_MS_MAX;
      for (const stream of [...this.#streams]) if (stream.heardMs <= silentSinceMs) this.#close(stream);
      this.broadcast({ case: 'heartbeat', value: {} });
      this.#setBeat();
    });
  }
}

interface RouterStream {
  readonly stream: Stream<ConnectResponse>;
  /** Undefined before its Hello. */
  routerId: string | undefined;
  heardMs: number;
}

const HEARTBEAT_MS = 1_000;
/** Five missed heartbeats: the router counts this stream as broken too. */
const SILENCE_MS_MAX = 5 * HEARTBEAT_MS;
/** A cell's 16 gateways and 16 events replicas, each with an old stream and a new one. */
const STREAMS_MAX = 64;
