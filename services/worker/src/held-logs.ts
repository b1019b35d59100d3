import type { FunctionLogs, LogStreamName } from '@lambent/function-logs';

/** Function logs that stay in memory. */
export class HeldLogs implements FunctionLogs {
  readonly records: string[] = [];
  readonly streams: LogStreamName[] = [];

  openStream(stream: LogStreamName) {
    this.streams.push(stream);
    return { append: (message: string) => void this.records.push(message) };
  }

  async *read(): AsyncGenerator<never> {}
  async groups(): Promise<readonly string[]> {
    return [];
  }
  async flush(): Promise<void> {}
  async [Symbol.asyncDispose](): Promise<void> {}
}
