import type { Command } from 'commander';
import { Option } from 'commander';
import type { CommandContext } from '../command-line.ts';
import { addUpOptions, type UpOptions } from '../up-options.ts';

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
    if (options.kept) {
      // Loaded only here: the keeper stays as small as it can be.
      const { runKept } = await import('../kept.ts');
      context.exitWith(await runKept(options, context));
    } else context.exitWith(await runUp(options, context));
  });
}

export async function runUp(_o: UpOptions, _c: CommandContext, _s?: AbortSignal): Promise<number> {
  return 0;
}
