import type { LogRecord } from './function-logs.ts';
import type { SegmentRecord } from './log-segment.ts';

/** One reader's place in a group. */
export interface LogCursor {
  /** Everything that is there since the last call, oldest first. */
  readOn(): AsyncIterable<Found>;
}

/** A record, and how many before it this reader will never see. */
export interface Found {
  readonly record: SegmentRecord;
  readonly missed: number;
}

/** What is there since the last call and not older than `sinceMs`, with a notice where records are missing. */
export async function* recordsFrom(
  cursor: LogCursor,
  { group, sinceMs = 0 }: { group: string; sinceMs?: number | undefined },
): AsyncGenerator<LogRecord> {
  for await (const { record, missed } of cursor.readOn()) {
    if (record.timestampMs < sinceMs) continue;
    if (missed > 0) yield { group, ...record, message: missedNotice(missed) };
    yield { group, ...record };
  }
}

/** The last `limit` of them. */
export async function* newest(records: AsyncIterable<LogRecord>, limit: number): AsyncGenerator<LogRecord> {
  const kept: LogRecord[] = [];
  for await (const record of records) {
    kept.push(record);
    if (kept.length > limit * 2) kept.splice(0, kept.length - limit);
  }
  yield* kept.slice(Math.max(0, kept.length - limit));
}

/** Stands where the missed records stood. */
function missedNotice(missed: number): string {
  return `[lambent] ${missed} older log records were dropped: there was no room for them`;
}
