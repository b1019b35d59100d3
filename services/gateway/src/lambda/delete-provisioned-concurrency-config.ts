import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeConcurrency } from './change-concurrency.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { readProvisioned, withdraw } from './provisioned-records.ts';
import { findTarget, provisionedAddress } from './provisioned-target.ts';

/** What is not provisioned is deleted already. */
export function deleteProvisionedConcurrencyConfig(
  backend: LambdaBackend,
): Handler<
  LambdaInput<'DeleteProvisionedConcurrencyConfig'>,
  LambdaOutput<'DeleteProvisionedConcurrencyConfig'>
> {
  return async input => {
    const address = provisionedAddress(backend, input);
    return changeConcurrency(backend, address, async (owner, division) => {
      const { qualifier } = await findTarget(backend, owner, address);
      const { records, compare } = await readProvisioned(backend.registry, owner.id);
      const record = records.find(each => each.qualifier === qualifier);
      if (!record) return { division, result: {} };
      return { ...withdraw(record, division), compare: [compare], result: {} };
    });
  };
}
