import { type Clock, sleep } from '@lambent/core';
import type { Command } from 'commander';
import type { CommandContext } from '../command-line.ts';
import { parseDurationMs } from '../duration.ts';
import { dataOption, explainConnection, locateLambent } from '../locate-lambent.ts';
import { LogReader, LogRefusal } from '../log-reader.ts';
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
  const { follow = false, since, limit, adminUrl: given, data } = options;
  const sinceMs = since === undefined ? undefined : clock.nowMs() - since;
  const reader = new LogReader({ name, follow, sinceMs, limit, terminal });
  for (let adminUrl = await locateLambent({ data, given }, 'adminUrl'); ; ) {
    const broken = await reader.read(adminUrl).then(
      () => undefined,
      (error: unknown) => ({ error: explainConnection(error, adminUrl) }),
    );
    if (terminal.gone.aborted) return;
    const next = follow && given === undefined ? await anotherGateway(adminUrl, data, clock) : undefined;
    if (next !== undefined && !(broken?.error instanceof LogRefusal)) adminUrl = next;
    else if (broken) throw broken.error;
    else return;
  }
}

/** The one to go on with where a cluster's gateway has ended while it was listened to. */
async function anotherGateway(adminUrl: string, data: string, clock: Clock): Promise<string | undefined> {
  await sleep(clock, NOTICED_MS);
  const next = await locateLambent({ data }, 'adminUrl').catch(() => undefined);
  return next === adminUrl ? undefined : next;
}

/** By then the cluster has noted who has ended. */
const NOTICED_MS = 500;
