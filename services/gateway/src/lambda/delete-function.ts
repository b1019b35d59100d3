import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { LATEST, LATEST_PUBLISHED, versionsOf, withoutVersion } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { readProvisioned, withdrawal } from './provisioned-records.ts';
import { invalidParameter } from './refusals.ts';

const NUMBER = /^\d+$/;
const NO_CONTENT = 204;

export function deleteFunction(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteFunction'>, LambdaOutput<'DeleteFunction'>> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    const { qualifier } = address;
    if (qualifier === LATEST)
      throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
    if (qualifier === undefined) {
      const record = await backend.store.read(address.name);
      if (!record || !(await backend.store.delete(address.name))) throw address.notFound();
      backend.retire(record.id);
    } else if (NUMBER.test(qualifier) || qualifier === LATEST_PUBLISHED) {
      await deleteVersion(backend, address, qualifier);
    } else {
      throw invalidParameter('Deletion of aliases is not currently supported.');
    }
    return { StatusCode: NO_CONTENT };
  };
}

/** A version that is not there is deleted already. */
function deleteVersion(backend: LambdaBackend, address: FunctionAddress, qualifier: string): Promise<void> {
  return changeFunction(backend, address, async record => {
    const version = await backend.store.readVersion(record.id, qualifier);
    if (!version) return { result: undefined };
    await checkUnreferenced(backend, record.id, version.version);
    const alongside = await withdrawal(backend.registry, record.id, version.version);
    return {
      record: withoutVersion(record, version),
      unpublish: version.version,
      ...(alongside && { alongside }),
      result: undefined,
    };
  });
}

/** An alias may not point at nothing, nor have nothing to serve until the version that it points at is ready. */
async function checkUnreferenced(
  { store, registry }: LambdaBackend,
  functionId: string,
  version: string,
): Promise<void> {
  const { records } = await readProvisioned(registry, functionId);
  const names = records.filter(each => each.previousVersion === version).map(each => each.qualifier);
  for (let after: string | undefined, more = true; more; ) {
    const page = await store.listAliases(functionId, { after, limit: ALIASES_PAGE });
    for (const alias of page.items) if (versionsOf(alias).includes(version)) names.push(alias.name);
    after = page.items.at(-1)?.name;
    more = page.more;
  }
  if (names.length === 0) return;
  throw new AwsError(
    'ResourceConflictException',
    `Unable to delete version because the following aliases reference it: [${names.join(', ')}]`,
  );
}

/** Read at a time; all have to be looked at. */
const ALIASES_PAGE = 100;
