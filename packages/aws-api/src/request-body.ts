import type { IncomingMessage } from 'node:http';
import type { Clock } from '@lambent/core';

/** Why a body could not be had. `broken` means that the client has gone: nobody is left to be told. */
export type BodyProblem = 'too-large' | 'too-slow' | 'no-room' | 'broken';

export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly problem: BodyProblem;

  constructor(problem: BodyProblem) {
    super(`the request's body was not read: ${problem}`);
    this.problem = problem;
  }
}

/** How many bytes of bodies may be held at once, over all requests: many large ones must not end the process. */
export class BodyRoom {
  readonly #maxBytes: number;
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** False, and nothing taken, when there is not that much room. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#maxBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}

const EMPTY = Buffer.alloc(0);

/** Whether the request's head announces a body. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Reads a whole body, within bounds of size, time and room. Rejects with a `BodyError`, having kept nothing and
 * given back the room; of a body that is returned the room is the caller's to give back.
 */
export function readBody(
  request: IncomingMessage,
  { maxBytes, timeoutMs, room, clock }: { maxBytes: number; timeoutMs: number; room: BodyRoom; clock: Clock },
): Promise<Buffer> | Buffer {
  if (!hasBody(request)) return EMPTY;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyError('too-large');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = clock.setTimer(timeoutMs, () => fail('too-slow'));
    const stop = () => {
      timer.cancel();
      request.off('data', take).off('end', finish).off('close', abandon).off('error', abandon);
    };
    const fail = (problem: BodyProblem) => {
      stop();
      request.pause();
      room.give(bytes);
      reject(new BodyError(problem));
    };
    const take = (chunk: Buffer) => {
      if (bytes + chunk.length > maxBytes) return fail('too-large');
      if (!room.take(chunk.length)) return fail('no-room');
      bytes += chunk.length;
      chunks.push(chunk);
    };
    const finish = () => {
      stop();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes));
    };
    const abandon = () => fail('broken');
    request.on('data', take).on('end', finish).on('close', abandon).on('error', abandon);
  });
}
