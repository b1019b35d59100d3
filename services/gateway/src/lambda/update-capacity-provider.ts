import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { readCapacitySettings } from '@lambent/functions';
import {
  capacityProviderArn,
  capacityProviderName,
  chosenScaling,
  noCapacityProvider,
  toCapacityProvider,
} from './capacity-provider.ts';
import type { LambdaBackend } from './lambda-backend.ts';

type Output = LambdaOutput<'UpdateCapacityProvider'>;

/** Replaces the members that are named. */
export function updateCapacityProvider(
  backend: LambdaBackend,
): Handler<LambdaInput<'UpdateCapacityProvider'>, Output> {
  return async ({ CapacityProviderName, ...input }) => {
    const name = capacityProviderName(backend, CapacityProviderName);
    return backend.capacityProviders.change<Output>(name, current => {
      if (!current) throw noCapacityProvider(capacityProviderArn(backend, name));
      const settings = readCapacitySettings({ ...current.settings, ...input });
      const put = {
        ...current,
        lastModifiedMs: backend.clock.nowMs(),
        settings: {
          ...settings,
          CapacityProviderScalingConfig: chosenScaling(settings.CapacityProviderScalingConfig),
        },
      };
      return { put, result: { CapacityProvider: toCapacityProvider(backend, put, 'Active') } };
    });
  };
}
