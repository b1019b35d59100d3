import type { PartTaken } from '@lambent/contracts';
import { RESPONSE_WINDOW_BYTES } from '@lambent/contracts';
import type { ResponseSink } from '@lambent/core';
import type { RouterDoor } from './router-door.ts';

/**
 * Responses on their way to routers while their functions still write them. Of each at most a window is sent ahead of
 * what its reader has taken, so that one who reads slowly holds up that function and nothing else. A router whose
 * stream breaks has lost its place: what is written from then on goes nowhere, and the function is not held up.
 */
export class ResponseStreams {
  readonly #door: Pick<RouterDoor, 'send'>;
  /** By request id; as many as invocations run. */
  readonly #open = new Map<string, OpenResponse>();

  constructor(door: Pick<RouterDoor, 'send'>) {
    this.#door = door;
  }

  open(requestId: string, routerId: string): ResponseSink {
    const response: OpenResponse = {
      routerId,
      bytes: 0,
      windowBytes: RESPONSE_WINDOW_BYTES,
      resume: undefined,
    };
    this.#open.set(requestId, response);
    return {
      begin: contentType => {
        const value = { requestId, payload: NOTHING, contentType };
        this.#door.send(routerId, { case: 'responsePart', value });
      },
      part: bytes => this.#part(requestId, response, bytes),
    };
  }

  /** Its reader has taken so much more. */
  taken(routerId: string, { requestId, bytes }: PartTaken): void {
    const response = this.#open.get(requestId);
    if (response?.routerId === routerId) widen(response, bytes);
  }

  /** Whoever asked there has lost the rest. */
  left(routerId: string): void {
    for (const response of this.#open.values())
      if (response.routerId === routerId) widen(response, Number.POSITIVE_INFINITY);
  }

  /** The invocation is over. Gives back how much of its response went ahead in parts. */
  close(requestId: string): number {
    const response = this.#open.get(requestId);
    this.#open.delete(requestId);
    // What was written last is on its way; nobody waits for it to be taken.
    if (response) widen(response, Number.POSITIVE_INFINITY);
    return response?.bytes ?? 0;
  }

  #part(requestId: string, response: OpenResponse, bytes: Uint8Array): Promise<void> | undefined {
    response.bytes += bytes.length;
    if (response.windowBytes === Number.POSITIVE_INFINITY) return undefined;
    response.windowBytes -= bytes.length;
    const value = { requestId, payload: bytes as Uint8Array<ArrayBuffer> };
    this.#door.send(response.routerId, { case: 'responsePart', value });
    if (response.windowBytes > 0) return undefined;
    response.resume ??= Promise.withResolvers<void>();
    return response.resume.promise;
  }
}

interface OpenResponse {
  readonly routerId: string;
  bytes: number;
  /** How much more may be sent now; without bound when nothing is sent any more. */
  windowBytes: number;
  /** Whoever writes waits for this. */
  resume: PromiseWithResolvers<void> | undefined;
}

function widen(response: OpenResponse, bytes: number): void {
  response.windowBytes += bytes;
  if (response.windowBytes <= 0) return;
  response.resume?.resolve();
  response.resume = undefined;
}

const NOTHING = new Uint8Array();
