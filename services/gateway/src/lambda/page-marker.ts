import { invalidParameter } from './refusals.ts';

/** AWS gives at most this many functions or versions at a time, whatever is asked for. */
const PAGE_MAX = 50;

/** Where a list goes on: opaque to clients. */
export function encodeMarker(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Undefined for the first page. `parts` is how many texts a position of this list has at most. */
export function decodeMarker(marker: string | undefined, parts: number): readonly string[] | undefined {
  if (!marker) return undefined;
  try {
    const position: unknown = JSON.parse(Buffer.from(marker, 'base64url').toString());
    if (Array.isArray(position) && position.length >= 1 && position.length <= parts)
      if (position.every(part => typeof part === 'string')) return position;
  } catch {
    // Not one of ours, which is said below.
  }
  throw INVALID;
}

/** A position that is a number. */
export function numberIn(part: string): number {
  const number = Number(part);
  if (!Number.isSafeInteger(number) || number < 1) throw INVALID;
  return number;
}

const INVALID = invalidParameter('Invalid Marker.');

export function pageSize(maxItems: number | undefined): number {
  return Math.min(maxItems ?? PAGE_MAX, PAGE_MAX);
}
