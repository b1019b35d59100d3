import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FunctionLogs, LogRecord, ReadOptions } from '@lambent/function-logs';

/**
 * What functions printed, as lines of JSON: `?group=` or `?function=`, `sinceMs=`, `limit=`, `follow=1`. A reader
 * takes its own time: nothing is read ahead of it. A group that nothing was logged to is a 404, unless it is followed:
 * that waits, and ends when the reader goes, or the gateway does.
 */
export class LogReader implements Disposable {
  readonly #options: LogReaderOptions;
  readonly #closing = new AbortController();
  #followers = 0;

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  async handle(query: URLSearchParams, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const group = await this.#groupOf(query);
    const options = readOptions(query);
    if (group === undefined || options === undefined) return refuse(response, 400, USAGE);
    if (!options.follow) return this.#sendWhatIsThere(group, options, response);
    if (this.#followers >= FOLLOWERS_MAX)
      return refuse(response, 429, `${FOLLOWERS_MAX} readers follow already.`);
    this.#followers += 1;
    const gone = new AbortController();
    const leave = () => gone.abort();
    request.once('close', leave);
    this.#closing.signal.addEventListener('abort', leave, { once: true });
    try {
      await this.#send(group, { ...options, signal: gone.signal }, response);
    } finally {
      this.#closing.signal.removeEventListener('abort', leave);
      this.#followers -= 1;
    }
  }

  /** Ends those that follow. */
  [Symbol.dispose](): void {
    this.#closing.abort();
  }

  async #groupOf(query: URLSearchParams): Promise<string | undefined> {
    const name = query.get('function');
    return query.get('group') ?? (name ? this.#options.logGroup(name) : undefined);
  }

  async #sendWhatIsThere(group: string, options: ReadOptions, response: ServerResponse): Promise<void> {
    const groups = await this.#options.logs.groups();
    if (!groups.includes(group)) return refuse(response, 404, `Nothing was logged to ${group}.`);
    await this.#send(group, options, response);
  }

  async #send(group: string, options: ReadOptions, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
    response.flushHeaders();
    await pipeline(Readable.from(lines(this.#options.logs.read(group, options))), response);
  }
}

export interface LogReaderOptions {
  readonly logs: FunctionLogs;
  /** The group that a function of this name logs to. */
  logGroup(functionName: string): Promise<string>;
}

/** Each holds a file open and is woken by every line; people and one collector are well below. */
const FOLLOWERS_MAX = 32;
const USAGE = 'Ask with ?group= or ?function=, and sinceMs=, limit= or follow=1.';

/** Undefined when a number is none. */
function readOptions(query: URLSearchParams): ReadOptions | undefined {
  const sinceMs = count(query.get('sinceMs'));
  const limit = count(query.get('limit'));
  if (Number.isNaN(sinceMs) || Number.isNaN(limit)) return undefined;
  return {
    follow: ['1', 'true'].includes(query.get('follow') ?? ''),
    ...(sinceMs !== undefined && { sinceMs }),
    ...(limit !== undefined && { limit }),
  };
}

function count(text: string | null): number | undefined {
  if (text === null) return undefined;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

async function* lines(records: AsyncIterable<LogRecord>): AsyncGenerator<string> {
  for await (const record of records) yield `${JSON.stringify(record)}\n`;
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${text}\n`);
}
