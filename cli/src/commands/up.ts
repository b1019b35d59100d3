import { createLogger } from '@lambent/daemon';
import { keep } from '@lambent/worker/keeper';
import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-line.ts';
import { openDataDirectory, sandboxPlaceOf } from '../data-directory.ts';
import { addUpOptions, type UpOptions, upArguments } from '../up-options.ts';

interface UpCommandOptions extends UpOptions {
  /** Given by the keeper to the process it keeps. */
  readonly kept?: true;
}

const MAIN = new URL('../main.ts', import.meta.url).pathname;

export function addUp(program: Command, context: CommandContext): void {
  const command = program
    .command('up')
    .description('Run everything on this machine: the AWS API, functions, events.')
    .addOption(new Option('--kept').hideHelp());
  addUpOptions(command).action(async (options: UpCommandOptions) => {
    context.exitWith(await (options.kept ? runKept(options, context) : runKeeper(options, context)));
  });
}

/** The process that `lambent up` is: it keeps another one in which everything runs. Resolves with what to exit with. */
export async function runKeeper(
  options: UpOptions,
  context: Pick<CommandContext, 'clock' | 'env'>,
  stop?: AbortSignal,
): Promise<number> {
  const { clock, env } = context;
  const dataDirectory = await openDataDirectory(options.data);
  return keep({
    ...sandboxPlaceOf(dataDirectory),
    dataDirectory,
    command: process.execPath,
    args: [MAIN, 'up', '--kept', ...upArguments({ ...options, data: dataDirectory })],
    env,
    ...(stop && { stop }),
    clock,
    logger: createLogger({ level: options.logLevel, service: 'keeper' }),
  });
}

/** Loaded only in the process that needs it: the keeper stays as small as it can be. */
async function runKept(options: UpOptions, context: CommandContext): Promise<number> {
  return (await import('../kept.ts')).runKept(options, context);
}
