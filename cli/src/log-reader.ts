import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { EXIT_CODES } from '@lambent/daemon';
import type { LogRecord } from '@lambent/function-logs';
import { CommandFailure } from './command-failure.ts';
import type { Terminal } from './terminal.ts';

export interface LogReaderOptions {
  /** Of the function. */
  readonly name: string;
  readonly follow: boolean;
  readonly sinceMs: number | undefined;
  /** Only so many of what is there. */
  readonly limit: number | undefined;
  readonly terminal: Terminal;
}

/** What workers publish comes in no order of theirs, within the second that each gathers it. */
const OVERLAP_MS = 2_000;
/** Of what was shown last: past it a line may be shown twice, which is better than not at all. */
const RECENT_MAX = 1_000;
const NOT_FOUND = 404;

/** Whoever was asked has nothing to read. */
export class LogRefusal extends CommandFailure {}

/** Prints what a function logged. Read again, from whichever gateway, it goes on where it was broken off. */
export class LogReader {
  readonly #options: LogReaderOptions;
  #newestMs: number | undefined;
  #recent: string[] = [];

  constructor(options: LogReaderOptions) {
    this.#options = options;
  }

  /** Resolves at the end of what is there, or, following, when the gateway ends. */
  async read(adminUrl: string): Promise<void> {
    const { name, follow, terminal } = this.#options;
    const { gone: signal } = terminal;
    if (follow && this.#newestMs === undefined) {
      const { status } = await fetch(this.#url(adminUrl, { limit: 1 }), { signal });
      if (status === NOT_FOUND) terminal.say(`${nothingOf(name)}; waiting for its first line`);
    }
    const response = await fetch(this.#url(adminUrl, this.#wanted()), { signal });
    if (!response.ok || response.body === null) throw await refusalOf(response, name, adminUrl);
    const lines = createInterface({ input: Readable.fromWeb(response.body as ReadableStream) });
    // What comes once more; of lines that are alike each counts.
    const shown = [...this.#recent];
    for await (const line of lines) {
      const again = shown.indexOf(line);
      if (again === -1) this.#show(line);
      else shown.splice(again, 1);
    }
  }

  #wanted(): Wanted {
    if (this.#newestMs === undefined) return this.#options;
    return { follow: true, sinceMs: this.#newestMs - OVERLAP_MS };
  }

  #url(adminUrl: string, { follow, sinceMs, limit }: Wanted): URL {
    const url = new URL('/logs', adminUrl);
    url.searchParams.set('function', this.#options.name);
    if (follow) url.searchParams.set('follow', 'true');
    if (sinceMs !== undefined) url.searchParams.set('sinceMs', String(sinceMs));
    if (limit !== undefined) url.searchParams.set('limit', String(limit));
    return url;
  }

  #show(line: string): void {
    const { timestampMs, message } = JSON.parse(line) as LogRecord;
    this.#options.terminal.result(`${new Date(timestampMs).toISOString()}  ${message}`);
    this.#newestMs = Math.max(timestampMs, this.#newestMs ?? timestampMs);
    if (this.#recent.push(line) > RECENT_MAX) this.#recent.shift();
  }
}

interface Wanted {
  readonly follow?: boolean;
  readonly sinceMs?: number | undefined;
  readonly limit?: number | undefined;
}

const nothingOf = (name: string) => `there is no function ${name}, or it has logged nothing yet`;

async function refusalOf(response: Response, name: string, adminUrl: string): Promise<LogRefusal> {
  const detail = (await response.text()).trim();
  const problem =
    response.status === NOT_FOUND ? nothingOf(name) : `${adminUrl} answered ${response.status}: ${detail}`;
  return new LogRefusal(problem, EXIT_CODES.failed);
}
