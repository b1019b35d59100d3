import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { readCapacityProvider, toCapacityProvider } from './capacity-provider.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function getCapacityProvider(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetCapacityProvider'>, LambdaOutput<'GetCapacityProvider'>> {
  return async ({ CapacityProviderName }) => {
    const record = await readCapacityProvider(backend, CapacityProviderName);
    return { CapacityProvider: toCapacityProvider(backend, record, 'Active') };
  };
}
