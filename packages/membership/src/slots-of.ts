import { fail } from '@lambent/core';
import type { Entry } from '@lambent/registry';

/** How many slots a grant says. Throws `record-unreadable`. */
export function slotsOf({ key, value }: Pick<Entry, 'key' | 'value'>): number {
  const slots = Number(Buffer.from(value).toString());
  if (!Number.isSafeInteger(slots)) throw fail('record-unreadable', { key });
  return slots;
}
