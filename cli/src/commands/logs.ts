import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Clock } from '@lambent/core';
import { EXIT_CODES } from '@lambent/daemon';
import type { LogRecord } from '@lambent/function-logs';
import type { Command } from 'commander';
import { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../command-line.ts';
import { parseDurationMs } from '../duration.ts';
import { dataOption, explainConnection, locateLambent } from '../locate-lambent.ts';
import type { Terminal } from '../terminal.ts';
import { integerBetween } from '../whole-number.ts';

interface LogsOptions {
  readonly follow?: true;
  readonly since?: number;
  readonly limit?: number;
  readonly adminUrl?: string;
  readonly data: string;
}

/** More than fits a screen many times over; who wants all of it gives --since. */
const LIMIT_MAX = 100_000;

export function addLogs(program: Command, context: CommandContext): void {
  program
    .command('logs')
    .description('Print what a function logged.')
    .argument('<name>', 'name of the function')
    .option('-f, --follow', 'go on with what comes')
    .option('-s, --since <duration>', 'how far back: 90s, 10m, 2h, 1d', parseDurationMs)
    .option('-n, --limit <records>', 'only the newest', integerBetween(1, LIMIT_MAX))
    .option('--admin-url <url>', 'address of the admin port, instead of the one found in the data directory')
    .addOption(dataOption())
    .action((name: string, options: LogsOptions) => logs(name, options, context));
}

async function logs(name: string, options: LogsOptions, context: CommandContext): Promise<void> {
  const { terminal, clock } = context;
  const { gone: signal } = terminal;
  const adminUrl = await locateLambent({ data: options.data, given: options.adminUrl }, 'adminUrl');
  try {
    if (options.follow) {
      const { status } = await fetch(logsUrl(adminUrl, name, { limit: 1 }, clock), { signal });
      if (status === NOT_FOUND) terminal.say(`${nothingOf(name)}; waiting for its first line`);
    }
    const response = await fetch(logsUrl(adminUrl, name, options, clock), { signal });
    if (!response.ok || response.body === null) throw await refusalOf(response, name, adminUrl);
    const lines = createInterface({ input: Readable.fromWeb(response.body as ReadableStream) });
    for await (const line of lines) show(JSON.parse(line), terminal);
  } catch (error) {
    if (!terminal.gone.aborted) throw explainConnection(error, adminUrl);
  }
}

const NOT_FOUND = 404;
const nothingOf = (name: string) => `there is no function ${name}, or it has logged nothing yet`;

async function refusalOf(response: Response, name: string, adminUrl: string): Promise<CommandFailure> {
  const detail = (await response.text()).trim();
  const problem =
    response.status === NOT_FOUND ? nothingOf(name) : `${adminUrl} answered ${response.status}: ${detail}`;
  return new CommandFailure(problem, EXIT_CODES.failed);
}

function logsUrl(
  adminUrl: string,
  name: string,
  options: Pick<LogsOptions, 'follow' | 'since' | 'limit'>,
  clock: Clock,
): URL {
  const url = new URL('/logs', adminUrl);
  url.searchParams.set('function', name);
  if (options.follow) url.searchParams.set('follow', 'true');
  if (options.since !== undefined) url.searchParams.set('sinceMs', String(clock.nowMs() - options.since));
  if (options.limit !== undefined) url.searchParams.set('limit', String(options.limit));
  return url;
}

function show(record: LogRecord, terminal: Terminal): void {
  terminal.result(`${new Date(record.timestampMs).toISOString()}  ${record.message}`);
}
