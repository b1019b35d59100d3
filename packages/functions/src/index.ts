export { type AliasRecord, versionsOf } from './alias-record.ts';
export { ASYNC_FIELDS, type AsyncConfig } from './async-fields.ts';
export {
  type AsyncInvocation,
  type AsyncInvocationMessage,
  decodeAsyncInvocation,
  encodeAsyncInvocation,
} from './async-invocation.ts';
export { ASYNC_REDELIVER_AFTER_MS, AsyncQueues, type AsyncQueuesOptions } from './async-queues.ts';
export {
  type CapacityProviderRecord,
  type CapacitySettings,
  capacityProviders,
  readCapacitySettings,
} from './capacity-provider-record.ts';
export type { CodeReference } from './code-reference.ts';
export type { CodeSigningRecord } from './code-signing-record.ts';
export { CodeSigningStore, endOfUse } from './code-signing-store.ts';
export { isCurrentSpec } from './current-spec.ts';
export { sweepDeletions } from './deletions.ts';
export { environmentSpecOf, tenantSpecOf } from './environment-spec.ts';
export type { EventInvokeRecord } from './event-invoke-record.ts';
export {
  FunctionCatalog,
  type FunctionCatalogOptions,
  type FunctionQuery,
  type Resolution,
} from './function-catalog.ts';
export {
  newFunction,
  published,
  publishedLatest,
  type Stamp,
  sameAsPublished,
  withAliasChange,
  withCodeSigning,
  withLatest,
  withoutVersion,
  withRevision,
  withRuntimeUpdate,
  withTags,
} from './function-changes.ts';
export type { FunctionRecord } from './function-record.ts';
export {
  type ChangeResult,
  type Decision,
  FunctionStore,
  type FunctionStoreOptions,
  type Listing,
  type Page,
  type StoreObserver,
  type Usage,
} from './function-store.ts';
export type { RunnableVersion } from './known-function.ts';
export type { LayerVersionRecord } from './layer-record.ts';
export {
  type LayerDecision,
  LayerStore,
  type StoredLayerVersion,
} from './layer-store.ts';
export { namedCode } from './named-code.ts';
export type { PolicyRecord } from './policy-record.ts';
export { QUOTA_FIELDS } from './quota-fields.ts';
export { readEventInvoke } from './read-event-invoke.ts';
export { readVersionSpec } from './read-version-spec.ts';
export type { UrlOwner, UrlRecord } from './url-record.ts';
export { type LayerReference, logGroupOf, type VersionConfiguration } from './version-configuration.ts';
export {
  hasSnapStart,
  LATEST,
  LATEST_PUBLISHED,
  type RuntimeUpdate,
  type Standing,
  type VersionRecord,
} from './version-record.ts';
