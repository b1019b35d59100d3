import type {
  ConnectRequest,
  ConnectResponse,
  EnlistRequest,
  EnlistResponse,
  NeedRequest,
  NeedResponse,
} from '@lambent/contracts';

/**
 * How gateways, events, workers and placement speak: long-lived duplex streams of typed messages, and one call.
 *
 * Promises: messages of one stream arrive in order, whole and once, or the stream closes on both sides (a cut may
 * be noticed late: who depends on it sends heartbeats). A message of more than `SHARED_STREAM_BYTES_MAX` may travel
 * apart: it still arrives whole and once or the stream closes, but perhaps later than those sent after it. `send`
 * never blocks and never throws; after a close it does nothing. What waits to be sent is bounded
 * (`UNSENT_BYTES_MAX`): past it the other side is too slow and the stream closes. What is sent must not be changed
 * afterwards. `open` resolves with an open stream or rejects with `link-broken`, and with `peer-absent` only where
 * nobody listens at that address: whoever did has ended. A message over `MESSAGE_BYTES_MAX` is refused by the caller
 * before it is sent.
 */
export interface Link {
  openWorker(address: string, events: StreamEvents<ConnectResponse>): Promise<Stream<ConnectRequest>>;
  serveWorker(address: string, accept: Accept<ConnectRequest, ConnectResponse>): Promise<Served>;
  openPlacement(address: string, events: StreamEvents<EnlistResponse>): Promise<Stream<EnlistRequest>>;
  servePlacement(address: string, service: PlacementDoor): Promise<Served>;
  /** Rejects with `link-broken`, `peer-absent` or `request-timeout`. */
  need(address: string, request: NeedRequest, options: { timeoutMs: number }): Promise<NeedResponse>;
}

/** Disposing of it closes the streams that came in there. */
export interface Served extends AsyncDisposable {
  /** Where it can be reached: as it was asked for, but for a port 0, which is any free one. */
  readonly address: string;
}

export interface Stream<Send> {
  send(message: Send): void;
  /** Idempotent; the other side's `closed` is called. */
  close(): void;
}

/** What the owner of a stream is told. `closed` is called once, and nothing after it. */
export interface StreamEvents<Receive> {
  message(message: Receive): void;
  closed(cause: string): void;
}

/** Called with each new stream; gives back what hears it. */
export type Accept<Receive, Send> = (stream: Stream<Send>) => StreamEvents<Receive>;

export interface PlacementDoor {
  need(request: NeedRequest): Promise<NeedResponse>;
  enlist: Accept<EnlistRequest, EnlistResponse>;
}

/** A 6 MB payload and what stands around it. */
export const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
/** Messages up to this share a pair's one stream; larger ones would hold up the small behind them. */
export const SHARED_STREAM_BYTES_MAX = 256 * 1024;
/** Several of the largest, for a peer that reads slowly. */
export const UNSENT_BYTES_MAX = 8 * MESSAGE_BYTES_MAX;
