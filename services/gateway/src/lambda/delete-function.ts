import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { LATEST, withoutVersion } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
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
    } else if (NUMBER.test(qualifier)) {
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
    return { record: withoutVersion(record, version), unpublish: version.version, result: undefined };
  });
}
