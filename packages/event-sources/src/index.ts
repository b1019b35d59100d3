export { type MappingRecord, type MappingSettings, readSettings } from './mapping-record.ts';
export { MappingStore, type MappingStoreOptions } from './mapping-store.ts';
export { isPolled, SOURCE_KINDS, type SourceKind, sourceKindOf } from './source-kind.ts';
