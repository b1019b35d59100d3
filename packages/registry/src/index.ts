export { EtcdRegistry, type EtcdRegistryOptions, WATCH_EVENTS_MAX } from './etcd-registry.ts';
export { decodeKeyPart, encodeKeyPart } from './key.ts';
export { LeaseSession, type LeaseSessionOptions } from './lease-session.ts';
export {
  type RecordDecision,
  RecordTable,
  type RecordTableOptions,
  type TableRecord,
} from './record-table.ts';
export { RecordWatch, type RecordWatchOptions } from './record-watch.ts';
export {
  type Compare,
  type Entry,
  type LeaseId,
  type RangeOptions,
  type RangeResult,
  type Registry,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_PARTS_MAX,
  type Transaction,
  type TransactionResult,
  type WatchBatch,
  type WatchEvent,
  type Write,
} from './registry.ts';
export { REGISTRY_NAME, SimulatedRegistry, type SimulatedRegistryOptions } from './simulated-registry.ts';
export { SimulatedRegistryServer } from './simulated-registry-server.ts';
export { HISTORY_REVISIONS_MAX, SqliteRegistry, type SqliteRegistryOptions } from './sqlite-registry.ts';
