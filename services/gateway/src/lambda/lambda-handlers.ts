import type { Handler, LambdaHandlers } from '@lambent/aws-api';
import { addLayerVersionPermission } from './add-layer-version-permission.ts';
import { addPermission } from './add-permission.ts';
import { createAlias } from './create-alias.ts';
import { createCapacityProvider } from './create-capacity-provider.ts';
import { createCodeSigningConfig } from './create-code-signing-config.ts';
import { createEventSourceMapping } from './create-event-source-mapping.ts';
import { createFunction } from './create-function.ts';
import { createFunctionUrlConfig } from './create-function-url-config.ts';
import { deleteAlias } from './delete-alias.ts';
import { deleteCapacityProvider } from './delete-capacity-provider.ts';
import { deleteCodeSigningConfig } from './delete-code-signing-config.ts';
import { deleteEventSourceMapping } from './delete-event-source-mapping.ts';
import { deleteFunction } from './delete-function.ts';
import { deleteFunctionCodeSigningConfig } from './delete-function-code-signing-config.ts';
import { deleteFunctionConcurrency } from './delete-function-concurrency.ts';
import { deleteFunctionEventInvokeConfig } from './delete-function-event-invoke-config.ts';
import { deleteFunctionUrlConfig } from './delete-function-url-config.ts';
import { deleteLayerVersion } from './delete-layer-version.ts';
import { deleteProvisionedConcurrencyConfig } from './delete-provisioned-concurrency-config.ts';
import { deleteResourcePolicy } from './delete-resource-policy.ts';
import { getAccountSettings } from './get-account-settings.ts';
import { getAlias } from './get-alias.ts';
import { getCapacityProvider } from './get-capacity-provider.ts';
import { getCodeSigningConfig } from './get-code-signing-config.ts';
import { getEventSourceMapping } from './get-event-source-mapping.ts';
import { getFunction } from './get-function.ts';
import { getFunctionCodeSigningConfig } from './get-function-code-signing-config.ts';
import { getFunctionConcurrency } from './get-function-concurrency.ts';
import { getFunctionConfiguration } from './get-function-configuration.ts';
import { getFunctionEventInvokeConfig } from './get-function-event-invoke-config.ts';
import { getFunctionRecursionConfig } from './get-function-recursion-config.ts';
import { getFunctionScalingConfig } from './get-function-scaling-config.ts';
import { getFunctionUrlConfig } from './get-function-url-config.ts';
import { getLayerVersion } from './get-layer-version.ts';
import { getLayerVersionByArn } from './get-layer-version-by-arn.ts';
import { getLayerVersionPolicy } from './get-layer-version-policy.ts';
import { getPolicy } from './get-policy.ts';
import { getProvisionedConcurrencyConfig } from './get-provisioned-concurrency-config.ts';
import { getResourcePolicy } from './get-resource-policy.ts';
import { getRuntimeManagementConfig } from './get-runtime-management-config.ts';
import { invoke } from './invoke.ts';
import { invokeAsync } from './invoke-async.ts';
import { invokeWithResponseStream } from './invoke-with-response-stream.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { listAliases } from './list-aliases.ts';
import { listCapacityProviders } from './list-capacity-providers.ts';
import { listCodeSigningConfigs } from './list-code-signing-configs.ts';
import { listEventSourceMappings } from './list-event-source-mappings.ts';
import { listFunctionEventInvokeConfigs } from './list-function-event-invoke-configs.ts';
import { listFunctionUrlConfigs } from './list-function-url-configs.ts';
import { listFunctionVersionsByCapacityProvider } from './list-function-versions-by-capacity-provider.ts';
import { listFunctions } from './list-functions.ts';
import { listFunctionsByCodeSigningConfig } from './list-functions-by-code-signing-config.ts';
import { listLayerVersions } from './list-layer-versions.ts';
import { listLayers } from './list-layers.ts';
import { listProvisionedConcurrencyConfigs } from './list-provisioned-concurrency-configs.ts';
import { listTags } from './list-tags.ts';
import { listVersionsByFunction } from './list-versions-by-function.ts';
import { publishLayerVersion } from './publish-layer-version.ts';
import { publishVersion } from './publish-version.ts';
import { putFunctionCodeSigningConfig } from './put-function-code-signing-config.ts';
import { putFunctionConcurrency } from './put-function-concurrency.ts';
import { putFunctionEventInvokeConfig } from './put-function-event-invoke-config.ts';
import { putFunctionRecursionConfig } from './put-function-recursion-config.ts';
import { putFunctionScalingConfig } from './put-function-scaling-config.ts';
import { putProvisionedConcurrencyConfig } from './put-provisioned-concurrency-config.ts';
import { putResourcePolicy } from './put-resource-policy.ts';
import { putRuntimeManagementConfig } from './put-runtime-management-config.ts';
import { removeLayerVersionPermission } from './remove-layer-version-permission.ts';
import { removePermission } from './remove-permission.ts';
import { tagResource } from './tag-resource.ts';
import { toAwsError } from './to-aws-error.ts';
import { untagResource } from './untag-resource.ts';
import { updateAlias } from './update-alias.ts';
import { updateCapacityProvider } from './update-capacity-provider.ts';
import { updateCodeSigningConfig } from './update-code-signing-config.ts';
import { updateEventSourceMapping } from './update-event-source-mapping.ts';
import { updateFunctionCode } from './update-function-code.ts';
import { updateFunctionConfiguration } from './update-function-configuration.ts';
import { updateFunctionEventInvokeConfig } from './update-function-event-invoke-config.ts';
import { updateFunctionUrlConfig } from './update-function-url-config.ts';

/** The Lambda API, as far as it is there. Every operation's errors leave through the one translator. */
export function lambdaHandlers(backend: LambdaBackend): LambdaHandlers {
  return {
    AddLayerVersionPermission: translate(backend, addLayerVersionPermission(backend)),
    AddPermission: translate(backend, addPermission(backend)),
    CreateAlias: translate(backend, createAlias(backend)),
    CreateCodeSigningConfig: translate(backend, createCodeSigningConfig(backend)),
    CreateCapacityProvider: translate(backend, createCapacityProvider(backend)),
    CreateEventSourceMapping: translate(backend, createEventSourceMapping(backend)),
    CreateFunction: translate(backend, createFunction(backend)),
    CreateFunctionUrlConfig: translate(backend, createFunctionUrlConfig(backend)),
    DeleteAlias: translate(backend, deleteAlias(backend)),
    DeleteCodeSigningConfig: translate(backend, deleteCodeSigningConfig(backend)),
    DeleteCapacityProvider: translate(backend, deleteCapacityProvider(backend)),
    DeleteEventSourceMapping: translate(backend, deleteEventSourceMapping(backend)),
    DeleteFunction: translate(backend, deleteFunction(backend)),
    DeleteFunctionCodeSigningConfig: translate(backend, deleteFunctionCodeSigningConfig(backend)),
    DeleteFunctionConcurrency: translate(backend, deleteFunctionConcurrency(backend)),
    DeleteFunctionEventInvokeConfig: translate(backend, deleteFunctionEventInvokeConfig(backend)),
    DeleteFunctionUrlConfig: translate(backend, deleteFunctionUrlConfig(backend)),
    DeleteLayerVersion: translate(backend, deleteLayerVersion(backend)),
    DeleteProvisionedConcurrencyConfig: translate(backend, deleteProvisionedConcurrencyConfig(backend)),
    DeleteResourcePolicy: translate(backend, deleteResourcePolicy(backend)),
    GetAccountSettings: translate(backend, getAccountSettings(backend)),
    GetAlias: translate(backend, getAlias(backend)),
    GetCodeSigningConfig: translate(backend, getCodeSigningConfig(backend)),
    GetCapacityProvider: translate(backend, getCapacityProvider(backend)),
    GetEventSourceMapping: translate(backend, getEventSourceMapping(backend)),
    GetFunction: translate(backend, getFunction(backend)),
    GetFunctionCodeSigningConfig: translate(backend, getFunctionCodeSigningConfig(backend)),
    GetFunctionConcurrency: translate(backend, getFunctionConcurrency(backend)),
    GetFunctionConfiguration: translate(backend, getFunctionConfiguration(backend)),
    GetFunctionEventInvokeConfig: translate(backend, getFunctionEventInvokeConfig(backend)),
    GetFunctionRecursionConfig: translate(backend, getFunctionRecursionConfig(backend)),
    GetFunctionScalingConfig: translate(backend, getFunctionScalingConfig(backend)),
    GetFunctionUrlConfig: translate(backend, getFunctionUrlConfig(backend)),
    GetLayerVersion: translate(backend, getLayerVersion(backend)),
    GetLayerVersionByArn: translate(backend, getLayerVersionByArn(backend)),
    GetLayerVersionPolicy: translate(backend, getLayerVersionPolicy(backend)),
    GetPolicy: translate(backend, getPolicy(backend)),
    GetProvisionedConcurrencyConfig: translate(backend, getProvisionedConcurrencyConfig(backend)),
    GetResourcePolicy: translate(backend, getResourcePolicy(backend)),
    GetRuntimeManagementConfig: translate(backend, getRuntimeManagementConfig(backend)),
    Invoke: translate(backend, invoke(backend.calls)),
    InvokeAsync: translate(backend, invokeAsync(backend.calls)),
    InvokeWithResponseStream: translate(backend, invokeWithResponseStream(backend.calls)),
    ListAliases: translate(backend, listAliases(backend)),
    ListCodeSigningConfigs: translate(backend, listCodeSigningConfigs(backend)),
    ListCapacityProviders: translate(backend, listCapacityProviders(backend)),
    ListEventSourceMappings: translate(backend, listEventSourceMappings(backend)),
    ListFunctionEventInvokeConfigs: translate(backend, listFunctionEventInvokeConfigs(backend)),
    ListFunctionUrlConfigs: translate(backend, listFunctionUrlConfigs(backend)),
    ListFunctionVersionsByCapacityProvider: translate(
      backend,
      listFunctionVersionsByCapacityProvider(backend),
    ),
    ListFunctions: translate(backend, listFunctions(backend)),
    ListFunctionsByCodeSigningConfig: translate(backend, listFunctionsByCodeSigningConfig(backend)),
    ListLayerVersions: translate(backend, listLayerVersions(backend)),
    ListLayers: translate(backend, listLayers(backend)),
    ListProvisionedConcurrencyConfigs: translate(backend, listProvisionedConcurrencyConfigs(backend)),
    ListTags: translate(backend, listTags(backend)),
    ListVersionsByFunction: translate(backend, listVersionsByFunction(backend)),
    PublishLayerVersion: translate(backend, publishLayerVersion(backend)),
    PublishVersion: translate(backend, publishVersion(backend)),
    PutFunctionCodeSigningConfig: translate(backend, putFunctionCodeSigningConfig(backend)),
    PutFunctionConcurrency: translate(backend, putFunctionConcurrency(backend)),
    PutFunctionEventInvokeConfig: translate(backend, putFunctionEventInvokeConfig(backend)),
    PutFunctionRecursionConfig: translate(backend, putFunctionRecursionConfig(backend)),
    PutFunctionScalingConfig: translate(backend, putFunctionScalingConfig(backend)),
    PutProvisionedConcurrencyConfig: translate(backend, putProvisionedConcurrencyConfig(backend)),
    PutResourcePolicy: translate(backend, putResourcePolicy(backend)),
    PutRuntimeManagementConfig: translate(backend, putRuntimeManagementConfig(backend)),
    RemoveLayerVersionPermission: translate(backend, removeLayerVersionPermission(backend)),
    RemovePermission: translate(backend, removePermission(backend)),
    TagResource: translate(backend, tagResource(backend)),
    UntagResource: translate(backend, untagResource(backend)),
    UpdateAlias: translate(backend, updateAlias(backend)),
    UpdateCodeSigningConfig: translate(backend, updateCodeSigningConfig(backend)),
    UpdateCapacityProvider: translate(backend, updateCapacityProvider(backend)),
    UpdateEventSourceMapping: translate(backend, updateEventSourceMapping(backend)),
    UpdateFunctionCode: translate(backend, updateFunctionCode(backend)),
    UpdateFunctionConfiguration: translate(backend, updateFunctionConfiguration(backend)),
    UpdateFunctionEventInvokeConfig: translate(backend, updateFunctionEventInvokeConfig(backend)),
    UpdateFunctionUrlConfig: translate(backend, updateFunctionUrlConfig(backend)),
  };
}

function translate<I, O>({ onTrouble }: LambdaBackend, handler: Handler<I, O>): Handler<I, O> {
  return (input, context) =>
    handler(input, context).catch((error: unknown) => {
      const answer = toAwsError(error);
      if (answer?.name === 'ServiceException') onTrouble(error, context.requestId);
      throw answer ?? error;
    });
}
