import { fail, isFailure } from '@lambent/core';

/** What Node's file system calls throw, as an operating error. Bugs pass as they are. */
export function storageFailed(error: unknown): unknown {
  if (isFailure(error) || !(error instanceof Error) || !('syscall' in error)) return error;
  return fail('storage-failed', { detail: error.message }, { cause: error });
}

export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
