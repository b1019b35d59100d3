import type { Random } from '@lambent/core';

/** What the first four letters of an id say it is of. */
export type UniqueIdKind = 'AKIA' | 'ASIA' | 'AROA' | 'AIDA' | 'ANPA';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const LENGTH = 17;

/** An id as IAM makes them: `AROA` and 17 letters and digits, 85 bits that nobody guesses. */
export function createUniqueId(kind: UniqueIdKind, random: Random): string {
  return kind + Array.from(random.bytes(LENGTH), byte => LETTERS[byte % LETTERS.length]).join('');
}
