import type { ConfigFields } from '@lambent/daemon';
import { type Command, Option } from 'commander';

/** Adds settings as options: the field `natsReplicas` is `--nats-replicas`. They are checked where settings are read. */
export function addSettingOptions(command: Command, fields: ConfigFields): Command {
  for (const [name, field] of Object.entries(fields)) {
    const option = new Option(`--${kebab(name)} <value>`, field.about).env(field.variable);
    if (field.default !== undefined) option.default(String(field.default));
    command.addOption(option);
  }
  return command;
}

/** What such options were given, as the variables that they stand for. */
export function variablesOf(
  fields: ConfigFields,
  options: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const given = Object.entries(fields).filter(([name]) => options[name] !== undefined);
  return Object.fromEntries(given.map(([name, field]) => [field.variable, String(options[name])]));
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}
