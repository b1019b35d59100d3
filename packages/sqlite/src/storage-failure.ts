import { isFailure } from '@lambent/core';
import type { Failure } from './thread-messages.ts';

/**
 * SQLite's primary result codes that speak of the file or the machine, not of the statement: whoever wrote the
 * statement could not have prevented them. The others (syntax, constraint, misuse …) are bugs.
 * https://www.sqlite.org/rescode.html
 */
const OPERATING_CODES: ReadonlySet<number> = new Set([
  3, // PERM
  5, // BUSY
  6, // LOCKED
  7, // NOMEM
  8, // READONLY
  10, // IOERR
  11, // CORRUPT
  13, // FULL
  14, // CANTOPEN
  15, // PROTOCOL
  18, // TOOBIG
  22, // NOLFS
  26, // NOTADB
]);
/** The low byte of an extended result code is the primary one. */
const PRIMARY_CODE_MASK = 0xff;
const SQLITE_BUSY = 5;

/** What the caller of a command is told; undefined: not an operating error, but a bug. */
export function toFailure(error: unknown): Failure | undefined {
  if (isFailure(error)) return { reason: error.reason, fields: error.fields };
  const code = primaryCode(error);
  if (code !== undefined && OPERATING_CODES.has(code)) return storageFailed(error);
  return isSystemError(error) ? storageFailed(error) : undefined;
}

/** Somebody else has the file open. */
export function isLocked(error: unknown): boolean {
  return primaryCode(error) === SQLITE_BUSY;
}

function storageFailed(error: unknown): Failure {
  return {
    reason: 'storage-failed',
    fields: { detail: error instanceof Error ? error.message : String(error) },
  };
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & PRIMARY_CODE_MASK;
}

/** From Node's file system calls: ENOSPC, EACCES, ENOENT … */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
