import { create } from '@bufbuild/protobuf';
import {
  type EnlistRequest,
  EnlistRequestSchema,
  type EnlistResponse,
  HoldingSchema,
  type StartCommand,
  WorkerReportSchema,
} from '@lambent/contracts';
import { POOL_LIMIT_ID } from '@lambent/membership';
import type { CellFunction } from './cell-function.ts';

export interface Held {
  starting: number;
  ready: number;
  busy: number;
}

/** A worker of a cell: environments that take memory and time, and nothing else. It reports like a real one. */
export class CellWorker {
  readonly id: string;
  /** It is never cut off, and never leaves. */
  readonly accepting = true;
  readonly held = new Map<CellFunction, Held>();
  /** What invocations and starts take; what is idle goes where it is in the way. */
  loadMb = 0;
  /** Calls that run, and environments that start for one. */
  inFlight = 0;
  #running = 0;
  readonly #memoryMb: number;
  readonly #slots: number;
  readonly #started: (worker: CellWorker, command: StartCommand) => void;
  #send: (request: EnlistRequest) => void = () => undefined;

  constructor(options: {
    readonly id: string;
    readonly memoryMb: number;
    readonly slots: number;
    readonly started: (worker: CellWorker, command: StartCommand) => void;
  }) {
    this.id = options.id;
    this.#memoryMb = options.memoryMb;
    this.#slots = options.slots;
    this.#started = options.started;
  }

  /** The stream by which a placement speaks to it. */
  get stream() {
    return {
      send: ({ message }: EnlistResponse) => {
        if (message.case === 'start') this.#started(this, message.value);
      },
      close: () => undefined,
    };
  }

  enlisted(send: (request: EnlistRequest) => void): void {
    this.#send = send;
  }

  /** How many of its environments no call is in. */
  idle(fn: CellFunction): number {
    const held = this.held.get(fn);
    return held ? held.ready - held.busy : 0;
  }

  change(fn: CellFunction, { starting = 0, ready = 0, busy = 0 }: Partial<Held>): void {
    const held = this.#of(fn);
    held.starting += starting;
    held.ready += ready;
    held.busy += busy;
    this.loadMb += (starting + busy) * fn.spec.memoryMb;
    this.inFlight += starting + busy;
    this.#running += busy;
    if (held.busy > held.ready) throw new Error(`${this.id} was sent a call that it has no environment for`);
  }

  report(): void {
    const holdings = Array.from(this.held, ([{ key }, { starting, ready, busy }]) =>
      create(HoldingSchema, { key, starting, idle: ready - busy, busy }),
    );
    const value = create(WorkerReportSchema, {
      workerId: this.id,
      incarnation: this.id,
      memoryMbFree: BigInt(Math.max(0, this.#memoryMb - this.loadMb)),
      limits: [{ limitId: POOL_LIMIT_ID, granted: this.#slots, used: this.#running, wanted: 0 }],
      runtimes: ['nodejs24.x'],
      holdings,
      codeCached: Array.from(this.held.keys(), ({ spec }) => spec.codeSha256),
    });
    this.#send(create(EnlistRequestSchema, { message: { case: 'report', value } }));
  }

  #of(fn: CellFunction): Held {
    const known = this.held.get(fn);
    if (known) return known;
    const none = { starting: 0, ready: 0, busy: 0 };
    this.held.set(fn, none);
    return none;
  }
}
