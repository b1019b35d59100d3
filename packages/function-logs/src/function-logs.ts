/**
 * What functions print, kept for a while, bounded.
 *
 * Promises: records of one stream are read back in the order they were appended, each whole; appending never
 * waits and never throws. Past the bound the oldest go first, and a reader is told how many it missed. What was
 * appended survives the end of the process once `flush` resolved; a crash loses at most what was appended in the
 * last second.
 */
export interface FunctionLogs extends AsyncDisposable {
  /** A stream as AWS names it: `YYYY/MM/DD/[version]id`. */
  openStream(stream: LogStreamName): LogStream;
  /** Records of a group from `sinceMs` on, oldest first; with `follow` it waits for more until aborted. */
  read(group: string, options: ReadOptions): AsyncIterable<LogRecord>;
  groups(): Promise<readonly string[]>;
  flush(): Promise<void>;
}

export interface LogStreamName {
  /** `/aws/lambda/<function>` or what LoggingConfig says. */
  readonly group: string;
  readonly stream: string;
}

export interface LogStream {
  /** One record, which may hold line ends; a final line end is taken off. */
  append(message: string): void;
}

export interface LogRecord {
  readonly group: string;
  readonly stream: string;
  readonly timestampMs: number;
  readonly message: string;
}

export interface ReadOptions {
  readonly sinceMs?: number;
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
  /** Only the newest `limit` of what is there (before following). */
  readonly limit?: number;
}
