import type { Entry } from '@lambent/registry';

export function encodeRecord(record: object): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

/** Undefined for what no member of this version wrote: another one may say more, never less. */
export function decodeRecord<T extends object>(
  entry: Pick<Entry, 'value'>,
  required: readonly (keyof T & string)[],
): T | undefined {
  try {
    const record: unknown = JSON.parse(Buffer.from(entry.value).toString());
    const isRecord = (value: unknown): value is T =>
      typeof value === 'object' && value !== null && required.every(name => name in value);
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}
