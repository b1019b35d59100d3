import { type MsgHdrs, headers as makeHeaders } from '@nats-io/nats-core';
import type { Headers } from './bus.ts';

/** Says that names and values are percent-encoded, since one of them could not have travelled as it was. */
const ENCODED = 'Lambent-Encoded';
/** What NATS takes in the name of a header. */
const PLAIN_NAME = /^[A-Za-z0-9_-]+$/;
/** Values are lines, and lose the blanks around them. */
const PLAIN_VALUE = /^$|^[!-~]([ -~]*[!-~])?$/;

/** Headers as NATS carries them: plain ones stay readable for any client. */
export function toNatsHeaders(headers: Headers = {}): MsgHdrs {
  const entries = Object.entries(headers);
  const made = makeHeaders();
  if (entries.every(([name, value]) => PLAIN_NAME.test(name) && PLAIN_VALUE.test(value))) {
    for (const [name, value] of entries) made.set(name, value);
    return made;
  }
  made.set(ENCODED, '1');
  for (const [name, value] of entries) made.set(encode(name), encode(value));
  return made;
}

/** Of a header that came several times the first counts. */
export function fromNatsHeaders(headers: MsgHdrs | undefined): Headers {
  const entries = [...(headers ?? [])].map(([name, values]) => [name, values[0] ?? ''] as const);
  if (!headers?.has(ENCODED)) return Object.fromEntries(entries);
  const own = entries.filter(([name]) => name !== ENCODED);
  return Object.fromEntries(own.map(([name, value]) => [decode(name), decode(value)]));
}

function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    mark => `%${mark.charCodeAt(0).toString(16)}`,
  );
}

/** What somebody else marked as encoded and is not stays as it came. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
