import type { LambdaOutput } from '@lambent/aws-api';
import type { ProvisionedRecord, ProvisionedStanding } from '@lambent/membership';

/** What was asked for and what became of it, as AWS shows it. */
export function toProvisionedConcurrency(
  record: ProvisionedRecord,
  standing: ProvisionedStanding | undefined,
): LambdaOutput<'GetProvisionedConcurrencyConfig'> {
  const { requested } = record;
  // Of what was asked for before, the environments are there, but how they stand says nothing.
  const current = standing?.requestId === record.requestId ? standing : undefined;
  return {
    RequestedProvisionedConcurrentExecutions: requested,
    AvailableProvisionedConcurrentExecutions: Math.min(standing?.available ?? 0, requested),
    AllocatedProvisionedConcurrentExecutions: Math.min(standing?.allocated ?? 0, requested),
    Status: current?.status ?? 'IN_PROGRESS',
    ...(current?.reason !== undefined && { StatusReason: current.reason }),
    LastModified: secondsTime(record.lastModifiedMs),
  };
}

/** `2025-11-21T15:51:13+0000`. */
function secondsTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, '+0000');
}
