import { AwsError } from '@lambent/aws-api';
import type { VersionRecord } from '@lambent/functions';

/** Throws AWS's refusal unless a tenant is named exactly where the function keeps them apart. */
export function checkTenancy({ configuration }: VersionRecord, tenantId: string | undefined): void {
  const isolates = configuration.tenantIsolation !== undefined;
  if (isolates === (tenantId !== undefined)) return;
  throw new AwsError(
    'InvalidParameterValueException',
    isolates
      ? 'The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again.'
      : 'The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.',
  );
}
