import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fail } from '@lambent/core';
import { isLocked } from './storage-failure.ts';
import type { ThreadOptions } from './thread-messages.ts';

export const IN_MEMORY = ':memory:';

/** What is configured may be secret (environment variables): only the owner reads it. SQLite's own files inherit it. */
const FILE_MODE = 0o600;
/** Pages kept in memory: enough for the upper levels of every index and the heads of the queues. */
const PAGE_CACHE_KIB = 16_384;
/** What the write-ahead log is cut back to after a burst let it grow. */
const LOG_BYTES_KEPT = 64 * 1024 * 1024;

/**
 * Opens the file for this process alone, durable at each commit. Throws `data-locked` when another one has it.
 *
 * The exclusive mode must come before the first access in WAL mode: then the lock is held until the file is
 * closed or its process is dead, and SQLite needs no shared memory beside it.
 */
export function openDatabase(options: ThreadOptions): DatabaseSync {
  if (options.file !== IN_MEMORY) closeSync(openSync(options.file, 'a', FILE_MODE));
  const database = new DatabaseSync(options.file);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (mode !== 'wal' && options.file !== IN_MEMORY)
      throw fail('storage-failed', { detail: `no write-ahead log is possible on ${options.file}` });
    database.exec('BEGIN EXCLUSIVE; COMMIT');
    database.exec('PRAGMA synchronous = FULL');
    database.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
    database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}`);
    const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size']);
    database.exec(`PRAGMA max_page_count = ${Math.floor(options.fileBytesMax / pageBytes)}`);
    return database;
  } catch (error) {
    database.close();
    if (isLocked(error)) throw fail('data-locked', { directory: dirname(options.file) }, { cause: error });
    throw error;
  }
}
