import { fail } from '@lambent/core';
import type { Entry } from '@lambent/registry';
import { z } from 'zod';

/** What all records of this package begin with. */
export const RECORD = { schema: z.literal(1), writeId: z.string(), createdMs: z.int() };

/** Read strictly: an unknown member is an error. */
export function decoderOf<T>(schema: z.ZodType<T>): (entry: Entry) => T {
  return entry => {
    try {
      return schema.parse(JSON.parse(Buffer.from(entry.value).toString()));
    } catch (cause) {
      throw fail('record-unreadable', { key: entry.key }, { cause });
    }
  };
}
