import type { AwsError } from '@lambent/aws-api';
import { type AliasRecord, type FunctionRecord, LATEST } from '@lambent/functions';
import { readVersion } from './find-version.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { aliasNotFound, invalidParameter } from './refusals.ts';

/** The alias or published version that provisioned concurrency is for. */
export interface ProvisionedTarget {
  readonly qualifier: string;
  /** The version it means. */
  readonly version: string;
  /** Where it is one. */
  readonly alias?: AliasRecord;
}

interface Named {
  readonly FunctionName: string | undefined;
  readonly Qualifier: string | undefined;
}

/** Of an alias or a published version, by what it was named; `unpublished` is AWS's refusal of anything else. */
export function provisionedAddress(
  backend: LambdaBackend,
  { FunctionName, Qualifier }: Named,
  unpublished = noneProvisioned,
): FunctionAddress & { readonly qualifier: string } {
  const address = FunctionAddress.of(backend, FunctionName, Qualifier);
  if (isQualified(address)) return address;
  throw unpublished();
}

export async function findTarget(
  backend: LambdaBackend,
  record: FunctionRecord,
  address: FunctionAddress & { readonly qualifier: string },
): Promise<ProvisionedTarget> {
  const { qualifier } = address;
  if (NUMBER.test(qualifier)) {
    const version = await readVersion(backend, record, qualifier);
    if (!version) throw address.notFound();
    return { qualifier, version: qualifier };
  }
  const alias = await backend.store.readAlias(record.id, qualifier);
  if (!alias) throw aliasNotFound(address.arn);
  return { qualifier, version: alias.version, alias };
}

function isQualified(address: FunctionAddress): address is FunctionAddress & { readonly qualifier: string } {
  return address.qualifier !== undefined && address.qualifier !== LATEST;
}

function noneProvisioned(): AwsError {
  return invalidParameter('The function resource provided must be an alias or a published version.');
}

const NUMBER = /^\d+$/;
