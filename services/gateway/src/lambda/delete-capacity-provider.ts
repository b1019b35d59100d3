import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import {
  capacityProviderArn,
  capacityProviderName,
  noCapacityProvider,
  toCapacityProvider,
} from './capacity-provider.ts';
import { versionsOnProvider } from './capacity-provider-versions.ts';
import type { LambdaBackend } from './lambda-backend.ts';

type Output = LambdaOutput<'DeleteCapacityProvider'>;

export function deleteCapacityProvider(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteCapacityProvider'>, Output> {
  return async ({ CapacityProviderName }) => {
    const name = capacityProviderName(backend, CapacityProviderName);
    const arn = capacityProviderArn(backend, name);
    return backend.capacityProviders.change<Output>(name, async current => {
      if (!current) throw noCapacityProvider(arn);
      const [user] = await versionsOnProvider(backend, { arn, after: undefined, limit: 1 });
      if (user)
        throw new AwsError(
          'ResourceConflictException',
          `The capacity provider ${arn} is in use by function versions.`,
        );
      return {
        remove: true,
        result: { CapacityProvider: toCapacityProvider(backend, current, 'Deleting') },
      };
    });
  };
}
