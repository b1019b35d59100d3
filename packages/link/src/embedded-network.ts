import type { ConnectRequest, ConnectResponse, NeedRequest, NeedResponse } from '@lambent/contracts';
import { fail } from '@lambent/core';
import { DirectWire } from './direct-wire.ts';
import type { Accept, Link, PlacementDoor, Served, Stream, StreamEvents } from './link.ts';
import type { Wire } from './wire.ts';

/**
 * A network inside one process: every member has a name, serves under its addresses and opens streams to others'.
 * Messages are handed over as they are, without encoding; the wire decides when, and in tests whether.
 */
export class EmbeddedNetwork {
  readonly #wire: Wire;
  readonly #workers = new Map<string, OpenDoor<Accept<ConnectRequest, ConnectResponse>>>();
  readonly #placements = new Map<string, OpenDoor<PlacementDoor>>();

  constructor(options: { wire?: Wire } = {}) {
    this.#wire = options.wire ?? new DirectWire();
  }

  /** The network as one member sees it. */
  member(name: string): Link {
    return {
      openWorker: (address, events) => this.#open(name, this.#workers, address, served => served, events),
      serveWorker: async (address, accept) => serve(this.#workers, address, name, accept),
      openPlacement: (address, events) =>
        this.#open(name, this.#placements, address, served => served.enlist, events),
      servePlacement: async (address, door) => serve(this.#placements, address, name, door),
      need: (address, request, options) => this.#need(name, address, request, options.timeoutMs),
    };
  }

  async #open<Door, Send, Receive>(
    from: string,
    doors: Map<string, OpenDoor<Door>>,
    address: string,
    acceptOf: (door: Door) => Accept<Send, Receive>,
    events: StreamEvents<Receive>,
  ): Promise<Stream<Send>> {
    const served = doors.get(address);
    if (!served) throw fail('peer-absent', { peer: address, detail: 'nobody serves there' });
    const near = new EmbeddedEnd<Send, Receive>();
    const far = new EmbeddedEnd<Receive, Send>();
    near.join(far, deliver => this.#wire.carry(from, served.member, deliver), events);
    far.join(near, deliver => this.#wire.carry(served.member, from, deliver), acceptOf(served.door)(far));
    served.ends.add(far);
    far.onClosed = () => served.ends.delete(far);
    return near;
  }

  #need(from: string, address: string, request: NeedRequest, timeoutMs: number): Promise<NeedResponse> {
    const served = this.#placements.get(address);
    if (!served) return Promise.reject(fail('peer-absent', { peer: address, detail: 'nobody serves there' }));
    return new Promise((resolve, reject) => {
      const late = this.#wire.expire(timeoutMs, () =>
        reject(fail('request-timeout', { subject: 'need', timeoutMs })),
      );
      const answer = (settle: () => void) =>
        this.#wire.carry(served.member, from, () => {
          late.cancel();
          settle();
        });
      this.#wire.carry(from, served.member, () => {
        served.door.need(request).then(
          response => answer(() => resolve(response)),
          cause => answer(() => reject(cause)),
        );
      });
    });
  }
}

interface OpenDoor<Door> {
  readonly member: string;
  readonly door: Door;
  readonly ends: Set<{ close(): void }>;
}

function serve<Door>(
  doors: Map<string, OpenDoor<Door>>,
  address: string,
  member: string,
  door: Door,
): Served {
  const served = { member, door, ends: new Set<{ close(): void }>() };
  doors.set(address, served);
  return {
    address,
    async [Symbol.asyncDispose]() {
      if (doors.get(address) === served) doors.delete(address);
      for (const end of [...served.ends]) end.close();
    },
  };
}

/** One end of a stream. Closing either closes both; the other side hears of it as the last thing on the wire. */
class EmbeddedEnd<Send, Receive> implements Stream<Send> {
  #joined: Joined<Send, Receive> | undefined;
  #closed = false;
  onClosed: (() => void) | undefined;

  join(
    peer: EmbeddedEnd<Receive, Send>,
    carry: (deliver: () => void) => void,
    events: StreamEvents<Receive>,
  ): void {
    this.#joined = { peer, carry, events };
  }

  send(message: Send): void {
    const joined = this.#joined;
    if (!this.#closed) joined?.carry(() => joined.peer.#deliver(message));
  }

  close(): void {
    const joined = this.#joined;
    if (this.#end('closed by this side')) joined?.carry(() => joined.peer.#end('closed by the other side'));
  }

  #deliver(message: Receive): void {
    if (!this.#closed) this.#joined?.events.message(message);
  }

  #end(cause: string): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    this.onClosed?.();
    this.#joined?.events.closed(cause);
    return true;
  }
}

interface Joined<Send, Receive> {
  readonly peer: EmbeddedEnd<Receive, Send>;
  readonly carry: (deliver: () => void) => void;
  readonly events: StreamEvents<Receive>;
}
