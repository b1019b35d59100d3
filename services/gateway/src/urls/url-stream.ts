import type { ServerResponse } from 'node:http';
import { writePart } from '@lambent/aws-api';
import type { Clock } from '@lambent/core';
import type { ResponseEvent, StreamedResponse } from '../calls/streamed-response.ts';
import { INTERNAL_SERVER_ERROR, readPrelude } from './url-answer.ts';

/**
 * Sends a response in parts as the function writes it. One that begins with a prelude of its own says with that which
 * status and headers it has; any other is 200 and bytes. What fails once it has begun ends without its end.
 */
export async function sendParts(
  { contentType, events }: StreamedResponse,
  response: ServerResponse,
  { cors, clock }: { readonly cors: Readonly<Record<string, string>>; readonly clock: Clock },
): Promise<void> {
  const hasPrelude = contentType === INTEGRATION_TYPE;
  let head: Buffer | undefined = hasPrelude ? Buffer.alloc(0) : undefined;
  if (!hasPrelude) response.setHeader('content-type', contentType ?? 'application/json');
  for await (const event of events) {
    if (event.kind === 'complete') return finish(event, response, head !== undefined);
    let bytes: Uint8Array = event.payload;
    if (head) {
      head = Buffer.concat([head, bytes]);
      const rest = begin(head, response, cors);
      if (rest === 'later') continue;
      if (!rest) return fail(response);
      head = undefined;
      bytes = rest;
    }
    if (bytes.length > 0) await writePart(response, bytes, clock);
    if (response.destroyed) return;
  }
}

/** What follows the prelude, once that is whole; undefined when it is none. */
function begin(
  head: Buffer,
  response: ServerResponse,
  cors: Readonly<Record<string, string>>,
): Uint8Array | 'later' | undefined {
  const end = head.indexOf(DELIMITER);
  if (end < 0) return head.length > PRELUDE_BYTES_MAX ? undefined : 'later';
  let given: unknown;
  try {
    given = JSON.parse(head.toString('utf8', 0, end));
  } catch {
    return undefined;
  }
  const prelude = typeof given === 'object' && given !== null ? readPrelude(given) : undefined;
  if (!prelude) return undefined;
  const headers = { 'content-type': 'application/octet-stream', ...prelude.headers, ...cors };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (prelude.cookies.length > 0) response.setHeader('set-cookie', prelude.cookies);
  response.writeHead(prelude.statusCode);
  return head.subarray(end + DELIMITER.length);
}

function finish(
  { errorCode }: Extract<ResponseEvent, { kind: 'complete' }>,
  response: ServerResponse,
  lacksHead: boolean,
): void {
  if (errorCode === undefined && !lacksHead) return void response.end();
  if (response.headersSent) response.destroy();
  else fail(response);
}

function fail(response: ServerResponse): void {
  response.setHeader('content-type', 'application/json');
  response.writeHead(INTERNAL_SERVER_ERROR.statusCode).end(INTERNAL_SERVER_ERROR.body);
}

const INTEGRATION_TYPE = 'application/vnd.awslambda.http-integration-response';
/** Between the prelude and the body. */
const DELIMITER = Buffer.alloc(8);
/** More headers than a server takes. */
const PRELUDE_BYTES_MAX = 64 * 1024;
