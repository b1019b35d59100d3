import { createLogger, readConfig } from '@lambent/daemon';
import { type Command, Option } from 'commander';
import { ADMIN_FIELDS, CLUSTER_FIELDS } from '../cluster/cluster-fields.ts';
import type { CommandContext } from '../command-line.ts';
import { runKeeper } from '../keeper.ts';
import { PROCESS_FIELDS } from '../process-fields.ts';
import { variablesOf } from '../setting-options.ts';
import { addMember } from './member.ts';
import { addForget } from './worker-forget.ts';

interface WorkerOptions extends Readonly<Record<string, unknown>> {
  readonly dev?: true;
  /** The file that says where the cluster is. */
  readonly join?: string;
  /** Given by the keeper to the process it keeps. */
  readonly kept?: true;
}

export function addWorker(program: Command, context: CommandContext): void {
  const command = {
    name: 'worker',
    description: "Run a cluster's functions on this machine.",
    serving: true as const,
    fields: { bubblewrap: PROCESS_FIELDS.bubblewrap, ...ADMIN_FIELDS.worker },
  };
  const run = async (env: NodeJS.ProcessEnv, options: WorkerOptions) => {
    const own = { ...context, env: { ...env, ...(await joinedBy(options, worker, context)) } };
    context.exitWith(await (options.kept ? runKept(options, own) : keepWorker(options, own)));
  };
  const worker = addMember(program, command, run, context)
    .option('--dev', 'start even where functions cannot be confined')
    .option('--join <file>', 'what `lambent cluster` or `lambent certs join` wrote: where the cluster is')
    .addOption(new Option('--kept').hideHelp())
    .enablePositionalOptions();
  addForget(worker, context);
}

/** What a join file says, which wins over what is said elsewhere. */
async function joinedBy(
  options: WorkerOptions,
  worker: Command,
  { clock }: CommandContext,
): Promise<Record<string, string>> {
  const { join, listen } = options;
  if (join === undefined) return {};
  const { data, logLevel, serversWaitMs } = readConfig(JOIN_FIELDS, variablesOf(JOIN_FIELDS, options));
  const logger = createLogger({ level: logLevel, service: 'worker' });
  const given = worker.getOptionValueSource('listen') === 'default' ? undefined : String(listen);
  const { joinSettings } = await import('../joining.ts');
  return joinSettings({ path: join, data, listen: given, patienceMs: serversWaitMs, clock, logger });
}

const JOIN_FIELDS = { ...PROCESS_FIELDS, serversWaitMs: CLUSTER_FIELDS.serversWaitMs };

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
