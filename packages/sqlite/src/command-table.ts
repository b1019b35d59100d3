import type { DatabaseSync } from 'node:sqlite';

/**
 * What a package runs inside the store's thread: named commands over the tables it made itself. A module that can
 * be mounted exports `openCommands`.
 *
 * Promises of the module: a command is synchronous, takes and returns plain data, and keeps nothing outside the
 * database (its transaction may be rolled back after it returned). It fails by throwing a `LambentError`; whatever
 * SQLite throws is translated by the store; anything else is a bug and stops the store.
 */
export type CommandTable = Readonly<Record<string, (input: never) => unknown>>;

export type OpenCommands = (database: DatabaseSync) => CommandTable;

/** The commands of one mounted module, as the other threads see them. */
export interface Commands<Table extends CommandTable> {
  /**
   * Runs one command and answers once what it wrote is durable. `bodies` are the byte arrays within `input` that
   * the caller gives away: they are moved to the thread instead of copied, and counted against the store's bound.
   */
  run<Name extends keyof Table & string>(
    name: Name,
    input: Parameters<Table[Name]>[0],
    bodies?: readonly Uint8Array<ArrayBuffer>[],
  ): Promise<ReturnType<Table[Name]>>;
}
