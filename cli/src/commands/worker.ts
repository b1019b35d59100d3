import { readConfig } from '@lambent/daemon';
import { type Command, Option } from 'commander';
import { ADMIN_FIELDS } from '../cluster/cluster-fields.ts';
import type { CommandContext } from '../command-line.ts';
import { runKeeper } from '../keeper.ts';
import { PROCESS_FIELDS } from '../process-fields.ts';
import { variablesOf } from '../setting-options.ts';
import { addMember } from './member.ts';

interface WorkerOptions extends Readonly<Record<string, unknown>> {
  readonly dev?: true;
  /** Given by the keeper to the process it keeps. */
  readonly kept?: true;
}

export function addWorker(program: Command, context: CommandContext): void {
  const command = {
    name: 'worker',
    description: "Run a cluster's functions on this machine.",
    fields: { bubblewrap: PROCESS_FIELDS.bubblewrap, ...ADMIN_FIELDS.worker },
  };
  const run = async (env: NodeJS.ProcessEnv, options: WorkerOptions) => {
    const own = { ...context, env };
    context.exitWith(await (options.kept ? runKept(options, own) : keepWorker(options, own)));
  };
  addMember(program, command, run, context)
    .option('--dev', 'start even where functions cannot be confined')
    .addOption(new Option('--kept').hideHelp());
}

/** The process that `lambent worker` is. What it keeps is told everything else by its environment. */
function keepWorker(options: WorkerOptions, context: CommandContext): Promise<number> {
  const { data, logLevel } = readConfig(PROCESS_FIELDS, variablesOf(PROCESS_FIELDS, options));
  const kept = (directory: string) => ['worker', `--data=${directory}`, ...(options.dev ? ['--dev'] : [])];
  return runKeeper({ data, logLevel, kept }, context);
}

/** Loaded only in the process that needs it: the keeper stays as small as it can be. */
async function runKept({ dev }: WorkerOptions, context: CommandContext): Promise<number> {
  return (await import('../cluster/worker-member.ts')).runKeptWorker({ dev: dev ?? false }, context);
}
