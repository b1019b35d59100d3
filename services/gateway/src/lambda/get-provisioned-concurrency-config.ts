import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { decodeProvisioned, provisionedKey } from '@lambent/membership';
import type { LambdaBackend } from './lambda-backend.ts';
import { toProvisionedConcurrency } from './provisioned-concurrency.ts';
import { readStanding } from './provisioned-records.ts';
import { findTarget, provisionedAddress } from './provisioned-target.ts';

export function getProvisionedConcurrencyConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetProvisionedConcurrencyConfig'>, LambdaOutput<'GetProvisionedConcurrencyConfig'>> {
  return async input => {
    const { registry, store } = backend;
    const address = provisionedAddress(backend, input);
    const owner = await store.read(address.name);
    if (!owner) throw address.notFound();
    const { qualifier } = await findTarget(backend, owner, address);
    const entry = await registry.get(provisionedKey(owner.id, qualifier));
    const record = entry && decodeProvisioned(entry);
    if (record) return toProvisionedConcurrency(record, await readStanding(registry, record));
    throw new AwsError(
      'ProvisionedConcurrencyConfigNotFoundException',
      'No Provisioned Concurrency Config found for this function',
    );
  };
}
