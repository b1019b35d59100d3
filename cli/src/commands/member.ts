import type { ConfigFields } from '@lambent/daemon';
import type { Command } from 'commander';
import { CLUSTER_FIELDS } from '../cluster/cluster-fields.ts';
import type { CommandContext } from '../command-line.ts';
import { dataOption } from '../locate-lambent.ts';
import { PROCESS_FIELDS } from '../process-fields.ts';
import { addSettingOptions, variablesOf } from '../setting-options.ts';

export interface MemberCommand {
  readonly name: string;
  readonly description: string;
  /** Whether other members open streams to it. */
  readonly serving?: true;
  /** Settings of this role that are options too, by the options' names. */
  readonly fields: ConfigFields;
}

const { data, logLevel } = PROCESS_FIELDS;
/** An option that takes no value, for the setting that is on or off. */
const INSECURE_LISTEN = 'LAMBENT_INSECURE_LISTEN';

interface MemberOptions extends Readonly<Record<string, unknown>> {
  readonly insecureListen?: true;
}

/**
 * The command of one role of a cluster. What it was told by options is handed on as the variables they stand for, so
 * that settings are read, and refused, in one place.
 */
export function addMember<Options extends MemberOptions>(
  program: Command,
  { name, description, serving, fields }: MemberCommand,
  run: (env: NodeJS.ProcessEnv, options: Options) => Promise<void>,
  context: CommandContext,
): Command {
  const { listen, advertise, ...everybodys } = CLUSTER_FIELDS;
  const options = { logLevel, ...everybodys, ...(serving && { listen, advertise }), ...fields };
  const all: ConfigFields = { data, ...options };
  const command = program.command(name).description(description);
  return addSettingOptions(command.addOption(dataOption()), options)
    .option('--insecure-listen', 'go without certificates, also over a network: nobody has to identify')
    .action((given: Options) => {
      const variables = variablesOf(all, given);
      const insecure = given.insecureListen && { [INSECURE_LISTEN]: 'true' };
      return run({ ...context.env, ...variables, ...insecure }, given);
    });
}
