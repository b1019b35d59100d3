import { isUtf8 } from 'node:buffer';
import { AwsError } from './aws-error.ts';

/** Far deeper than any input of AWS's, far shallower than what parsing would choke on. */
const DEPTH_MAX = 64;
/** A value costs a parser some fifty times the two bytes it may be written in; no input of AWS's has this many. */
const VALUES_MAX = 100_000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Parses a request's JSON within bounds of depth and number; an empty body is an empty object. */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw unreadable('Invalid UTF-8');
  checkBounds(body);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw unreadable(error instanceof Error ? error.message : String(error), error);
  }
}

/** One pass that jumps from quote to quote inside strings: a package in base64 is passed over at memory's speed. */
function checkBounds(body: Buffer): void {
  let depth = 0;
  let values = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) {
      at = endOfString(body, at);
      if (at < 0) return;
    } else if (byte === COMMA) values += 1;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      values += 1;
      depth += 1;
      if (depth > DEPTH_MAX) throw unreadable(`Nested deeper than ${DEPTH_MAX}`);
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
    if (values > VALUES_MAX) throw unreadable(`More than ${VALUES_MAX} values`);
  }
}

/** Negative for a string that does not end: the parser will say so. */
function endOfString(body: Buffer, start: number): number {
  for (let at = body.indexOf(QUOTE, start + 1); at >= 0; at = body.indexOf(QUOTE, at + 1)) {
    let escapes = 0;
    while (body[at - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at;
  }
  return -1;
}

function unreadable(detail: string, cause?: unknown): AwsError {
  return new AwsError('SerializationException', `Could not parse request body into json: ${detail}`, {
    cause,
  });
}
