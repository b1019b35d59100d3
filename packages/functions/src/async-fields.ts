import { type ConfigOf, integer } from '@lambent/daemon';

/** The settings that gateways and events must agree on. */
export const ASYNC_FIELDS = {
  maxMessages: integer({
    variable: 'LAMBENT_ASYNC_QUEUE_MAX',
    min: 1,
    max: 10_000_000,
    default: 1_000_000,
    about:
      'How many asynchronous events may wait, split evenly over the partitions; the next is answered 429. At 1 MB each they fill a disk.',
  }),
  partitions: integer({
    variable: 'LAMBENT_ASYNC_PARTITIONS',
    min: 1,
    max: 64,
    default: 8,
    about:
      'Into how many queues asynchronous events go, by function. The same for every process, and for the life of a data directory or cluster: who is told another is refused.',
  }),
} as const;

export type AsyncConfig = ConfigOf<typeof ASYNC_FIELDS>;
