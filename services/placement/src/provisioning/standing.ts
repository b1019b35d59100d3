import type { ProvisionedRecord, ProvisionedStanding } from '@lambent/membership';

/** What became of what was asked for: so many are ready, and this is why the others are not. */
export function standingOf(
  { requestId, requested }: Pick<ProvisionedRecord, 'requestId' | 'requested'>,
  held: { readonly ready: number; readonly failure: string },
): ProvisionedStanding {
  const allocated = Math.min(held.ready, requested);
  const standing = { requestId, allocated, available: allocated };
  if (allocated === requested) return { ...standing, status: 'READY' };
  if (held.failure === '') return { ...standing, status: 'IN_PROGRESS' };
  return { ...standing, status: 'FAILED', reason: held.failure };
}
