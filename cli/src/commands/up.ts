import { type Command, Option } from 'commander';
import type { CommandContext } from '../command-line.ts';
import { runKeeper } from '../keeper.ts';
import { addUpOptions, type UpOptions, upArguments } from '../up-options.ts';

interface UpCommandOptions extends UpOptions {
  /** Given by the keeper to the process it keeps. */
  readonly kept?: true;
}

export function addUp(program: Command, context: CommandContext): void {
  const command = program
    .command('up')
    .description('Run everything on this machine: the AWS API, functions, events.')
    .addOption(new Option('--kept').hideHelp());
  addUpOptions(command).action(async (options: UpCommandOptions) => {
    context.exitWith(await (options.kept ? runKept(options, context) : keepUp(options, context)));
  });
}

/** The process that `lambent up` is: it keeps another one in which everything runs. Resolves with what to exit with. */
export function keepUp(
  options: UpOptions,
  context: Pick<CommandContext, 'clock' | 'env'>,
  stop?: AbortSignal,
): Promise<number> {
  const kept = (data: string) => ['up', ...upArguments({ ...options, data })];
  return runKeeper({ ...options, kept }, context, stop);
}

/** Loaded only in the process that needs it: the keeper stays as small as it can be. */
async function runKept(options: UpOptions, context: CommandContext): Promise<number> {
  return (await import('../embedded/kept.ts')).runKept(options, context);
}
