import { choice, LOG_LEVELS, text } from '@lambent/daemon';

/** What concerns the process and none of its services. Options of the command line win over both. */
export const PROCESS_FIELDS = {
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
