import type { EnvironmentSpec } from '@lambent/contracts';
import { QUOTAS } from '@lambent/core';

/** What an environment is started for, in AWS's words: an invocation that waits, or to be ready before one comes. */
export type InitializationType = 'on-demand' | 'provisioned-concurrency' | 'snap-start';

/** How long its init may take. Most often nobody waits for one that is to be ready before, so it has the time of AWS's long inits. */
export function initTimeoutMs(type: InitializationType, { timeoutMs }: EnvironmentSpec): number {
  if (type === 'on-demand') return QUOTAS.initMs;
  return Math.max(QUOTAS.provisionedInitMs, timeoutMs);
}
