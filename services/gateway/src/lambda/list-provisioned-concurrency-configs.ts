import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import {
  decodeProvisioned,
  type ProvisionedRecord,
  provisionedKey,
  provisionedPrefix,
} from '@lambent/membership';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';
import { toProvisionedConcurrency } from './provisioned-concurrency.ts';
import { readStanding } from './provisioned-records.ts';

export function listProvisionedConcurrencyConfigs(
  backend: LambdaBackend,
): Handler<
  LambdaInput<'ListProvisionedConcurrencyConfigs'>,
  LambdaOutput<'ListProvisionedConcurrencyConfigs'>
> {
  return async input => {
    const { registry, store } = backend;
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    const owner = await store.read(address.name);
    if (!owner) throw address.notFound();
    const [position] = decodeMarker(input.Marker, 1) ?? [];
    const { entries, more } = await registry.range(provisionedPrefix(owner.id), {
      limit: pageSize(input.MaxItems),
      ...(position !== undefined && { after: provisionedKey(owner.id, position) }),
    });
    const records = entries.flatMap(entry => decodeProvisioned(entry) ?? []);
    const last = records.at(-1);
    const show = async (record: ProvisionedRecord) => ({
      FunctionArn: address.qualified(record.qualifier),
      ...toProvisionedConcurrency(record, await readStanding(registry, record)),
    });
    return {
      ProvisionedConcurrencyConfigs: await Promise.all(records.map(show)),
      ...(more && last && { NextMarker: encodeMarker([last.qualifier]) }),
    };
  };
}
