/**
 * The format of one segment file: a header line, then one line per record. Every line is JSON, so no character of
 * a message can end its own line or begin another. A last line without its end was cut by a crash and is no record.
 */
export interface SegmentHeader {
  readonly group: string;
  /** The number of its first record, counted from the group's first ever. */
  readonly first: number;
}

export interface SegmentRecord {
  readonly timestampMs: number;
  readonly stream: string;
  readonly message: string;
}

export function encodeHeader({ group, first }: SegmentHeader): string {
  return `${JSON.stringify({ group, first })}\n`;
}

export function encodeRecord({ timestampMs, stream, message }: SegmentRecord): string {
  return `${JSON.stringify([timestampMs, stream, message])}\n`;
}

export function decodeHeader(line: string): SegmentHeader | undefined {
  const value = parse(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { group, first } = value as Partial<SegmentHeader>;
  return typeof group === 'string' && typeof first === 'number' ? { group, first } : undefined;
}

export function decodeRecord(line: string): SegmentRecord | undefined {
  const value = parse(line);
  if (!Array.isArray(value)) return undefined;
  const [timestampMs, stream, message] = value as unknown[];
  if (typeof timestampMs !== 'number' || typeof stream !== 'string' || typeof message !== 'string')
    return undefined;
  return { timestampMs, stream, message };
}

/** The whole lines of `text`; what stands after the last line end is left for later. */
export function wholeLines(text: string): string[] {
  const end = text.lastIndexOf('\n');
  return end === -1 ? [] : text.slice(0, end).split('\n');
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Damage on the disk costs the record it hit, not those after it.
    return undefined;
  }
}
