import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@lambent/core';
import type { Answer } from './protocol.ts';
import { hasBody } from './request-body.ts';
import { writePart } from './write-part.ts';

/** How long a client that is still sending is listened to after its answer, so that it gets to read it. */
const LINGER_MS = 5_000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** Those that the handler set. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

/** Sends an answer with the headers that each has. `Date` is Node's to add. */
export async function sendAnswer({ status, headers: own, body }: Answer, exchange: Exchange): Promise<void> {
  const { request, response, requestId } = exchange;
  // The client has gone; writing would only leave a timer behind.
  if (response.destroyed) return;
  const headers: Record<string, string | number> = {
    'x-amzn-RequestId': requestId,
    ...own,
    ...exchange.headers,
  };
  if (isStream(body)) {
    response.writeHead(status, headers);
    return sendStream(body, response, exchange.clock);
  }
  if (status !== 204) headers['Content-Length'] = body === undefined ? 0 : Buffer.byteLength(body);
  const unread = hasBody(request) && !request.readableEnded;
  if (unread) return linger({ status, headers, body }, exchange);
  response.writeHead(status, headers);
  response.end(body);
}

/** As fast as the client reads. A failure of the stream is thrown, and leaves the answer without its end. */
async function sendStream(
  body: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  clock: Clock,
): Promise<void> {
  for await (const chunk of body) {
    if (response.destroyed) return;
    await writePart(response, chunk, clock);
  }
  response.end();
}

/**
 * Answers a request whose body was refused, and closes the connection. Were it closed at once, a client that is
 * busy sending would find a broken pipe before the answer; so what it sends is read and dropped for a while.
 */
function linger(
  {
    status,
    headers,
    body,
  }: { status: number; headers: Record<string, string | number>; body: Uint8Array | string | undefined },
  { request, response, clock }: Exchange,
): void {
  response.writeHead(status, { ...headers, Connection: 'close' });
  if (body === undefined) response.flushHeaders();
  else response.write(body);
  const close = () => {
    timer.cancel();
    response.end();
  };
  const timer = clock.setTimer(LINGER_MS, () => {
    close();
    request.destroy();
  });
  request.once('end', close).once('close', close).once('error', close).resume();
}

function isStream(body: Answer['body']): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && Symbol.asyncIterator in body;
}
