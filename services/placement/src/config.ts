import { QUOTAS } from '@lambent/core';
import { type ConfigOf, integer } from '@lambent/daemon';

/** The settings of placement. */
export const PLACEMENT_FIELDS = {
  accountConcurrency: integer({
    variable: 'LAMBENT_ACCOUNT_CONCURRENCY',
    default: QUOTAS.accountConcurrency,
    min: 1,
    max: 1_000_000,
    about:
      'How many invocations may be in flight in the whole cluster. Each placement writes it down when it starts.',
  }),
  scalingPer10s: integer({
    variable: 'LAMBENT_SCALING_PER_10S',
    default: QUOTAS.scalingPer10s,
    min: 1,
    max: 1_000_000,
    about:
      'How many new environments of one function may start in ten seconds; refilled continuously, not saved up.',
  }),
} as const;

export type PlacementConfig = ConfigOf<typeof PLACEMENT_FIELDS>;
