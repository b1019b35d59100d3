import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { type CapacityProviderRecord, readCapacitySettings } from '@lambent/functions';
import {
  capacityProviderArn,
  capacityProviderName,
  checkInstances,
  chosenScaling,
  toCapacityProvider,
} from './capacity-provider.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkTags } from './resource-tags.ts';

type Output = LambdaOutput<'CreateCapacityProvider'>;

/** A name for what is there anyway: the machines that run workers are the capacity. */
export function createCapacityProvider(
  backend: LambdaBackend,
): Handler<LambdaInput<'CreateCapacityProvider'>, Output> {
  return async ({ CapacityProviderName, Tags, CapacityProviderScalingConfig, ...input }) => {
    const name = capacityProviderName(backend, CapacityProviderName);
    const tags = { ...Tags };
    checkTags(tags);
    const settings = readCapacitySettings({
      ...input,
      CapacityProviderScalingConfig: CapacityProviderScalingConfig ?? {},
    });
    checkInstances(settings.InstanceRequirements);
    const put: Omit<CapacityProviderRecord, 'writeId'> = {
      schema: 1,
      name,
      lastModifiedMs: backend.clock.nowMs(),
      tags,
      settings: {
        ...settings,
        CapacityProviderScalingConfig: chosenScaling(settings.CapacityProviderScalingConfig),
      },
    };
    const result = { CapacityProvider: toCapacityProvider(backend, put, 'Pending') };
    return backend.capacityProviders.change<Output>(name, current => {
      if (!current) return { put, result };
      const arn = capacityProviderArn(backend, name);
      throw new AwsError('ResourceConflictException', `Capacity provider already exists: ${arn}`);
    });
  };
}
