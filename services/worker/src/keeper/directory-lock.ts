import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fail } from '@lambent/core';

const FILE = 'keeper.lock';
/** Only its lock matters; nobody else needs to touch it. */
const FILE_MODE = 0o600;
/** SQLite's "database is locked". */
const SQLITE_BUSY = 5;

/**
 * The lock on a data directory, and so on the identity of the worker in it. It is an exclusive transaction on an empty
 * SQLite file: the kernel's record lock behind it ends with the process, however that ends.
 */
export class DirectoryLock implements Disposable {
  readonly #database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Fails with `data-locked` when somebody has it. */
  static take(directory: string): DirectoryLock {
    const file = path.join(directory, FILE);
    closeSync(openSync(file, 'a', FILE_MODE));
    const database = new DatabaseSync(file);
    try {
      database.exec('BEGIN EXCLUSIVE');
      return new DirectoryLock(database);
    } catch (cause) {
      database.close();
      if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
      throw fail('data-locked', { directory }, { cause });
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
