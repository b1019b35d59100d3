export type { Commands, CommandTable, OpenCommands } from './command-table.ts';
export { Doorbell } from './doorbell.ts';
export {
  FILE_BYTES_MAX,
  PENDING_BYTES_MAX,
  PENDING_COMMANDS_MAX,
  SqliteStore,
  type SqliteStoreOptions,
} from './sqlite-store.ts';
