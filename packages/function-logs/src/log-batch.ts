import { decodeRecord, type SegmentRecord, wholeLines } from './log-segment.ts';

/**
 * The format of one message of a group: a header line, then one line per record, as in a segment file. Whoever
 * writes numbers its records of a group from 0 on, so that a reader sees which are missing and which come twice.
 */
export interface LogBatch {
  /** Who wrote it; another one counts anew. */
  readonly writer: string;
  /** The number of its first record. */
  readonly first: number;
  /** Undefined: it cannot be read. */
  readonly records: readonly (SegmentRecord | undefined)[];
}

export function encodeBatch(
  header: Pick<LogBatch, 'writer' | 'first'>,
  lines: readonly string[],
): Uint8Array {
  const { writer, first } = header;
  return Buffer.from(`${JSON.stringify([writer, first])}\n${lines.join('')}`);
}

/** Undefined for what no Lambent wrote. */
export function decodeBatch(body: Uint8Array): LogBatch | undefined {
  const [header = '', ...lines] = wholeLines(Buffer.from(body).toString());
  const read = decodeHeader(header);
  return read && { ...read, records: lines.map(decodeRecord) };
}

function decodeHeader(line: string): { writer: string; first: number } | undefined {
  try {
    const [writer, first] = JSON.parse(line) as unknown[];
    return typeof writer === 'string' && typeof first === 'number' ? { writer, first } : undefined;
  } catch {
    // The reader goes on with the next message.
    return undefined;
  }
}
