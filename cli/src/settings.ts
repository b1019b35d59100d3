import { type ConfigFields, type ConfigOf, choice, LOG_LEVELS, readConfigs, text } from '@lambent/daemon';
import { EVENTS_FIELDS } from '@lambent/events';
import { ASYNC_FIELDS } from '@lambent/functions';
import { GATEWAY_FIELDS } from '@lambent/gateway';
import { WORKER_FIELDS } from '@lambent/worker';

/** What concerns the process and none of its services. Options of the command line win over both. */
const PROCESS_FIELDS = {
  data: text({
    variable: 'LAMBENT_DATA',
    default: './.lambent',
    about: 'The data directory, as `--data`.',
  }),
  logLevel: choice({
    variable: 'LAMBENT_LOG_LEVEL',
    values: LOG_LEVELS,
    default: 'info',
    about: "How much of Lambent's own log to write, as `--log-level`.",
  }),
  bubblewrap: text({
    variable: 'LAMBENT_BUBBLEWRAP',
    default: undefined,
    pattern: /^\//,
    allowed: 'an absolute path',
    about: 'The bubblewrap to use, where it is not installed in the usual place.',
  }),
};

/** Every setting of `lambent up`, by who reads it. */
export const SETTINGS = {
  process: PROCESS_FIELDS,
  gateway: GATEWAY_FIELDS,
  async: ASYNC_FIELDS,
  events: EVENTS_FIELDS,
  worker: WORKER_FIELDS,
} as const satisfies Record<string, ConfigFields>;

export type Settings = { readonly [Name in keyof typeof SETTINGS]: ConfigOf<(typeof SETTINGS)[Name]> };

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return readConfigs(SETTINGS, env);
}
