import { type ConfigOf, integer } from '@lambent/daemon';

/** The settings of the events service. */
export const EVENTS_FIELDS = {
  windowMax: integer({
    variable: 'LAMBENT_EVENTS_WINDOW',
    default: 512,
    // One for each partition there can be.
    min: 64,
    max: 10_000,
    about:
      "How many asynchronous invocations one process works on at a time, split evenly over the partitions; one function has at most a quarter of its partition's.",
  }),
  startWaitMs: integer({
    variable: 'LAMBENT_EVENTS_START_WAIT_MS',
    default: 1_000,
    min: 10,
    max: 60_000,
    about:
      'How long an event may hold its place while it cannot start; then it goes back to the queue for a while.',
  }),
  firstRetryMs: integer({
    variable: 'LAMBENT_EVENTS_FIRST_RETRY_MS',
    default: 60_000,
    min: 0,
    max: 3_600_000,
    about: 'Delay before the second attempt after a function error. AWS waits about a minute.',
  }),
  secondRetryMs: integer({
    variable: 'LAMBENT_EVENTS_SECOND_RETRY_MS',
    default: 120_000,
    min: 0,
    max: 3_600_000,
    about: 'Delay before the third and last attempt. AWS waits about two minutes.',
  }),
  maxAgeMs: integer({
    variable: 'LAMBENT_EVENTS_MAX_AGE_MS',
    default: 21_600_000,
    min: 60_000,
    max: 21_600_000,
    about: 'How old an event may become before it is given up. AWS: six hours.',
  }),
} as const;

export type EventsConfig = ConfigOf<typeof EVENTS_FIELDS>;
