import { fail } from '@lambent/core';
import { ZIP_BOUNDS } from './zip-bounds.ts';

/**
 * The path of an entry below the unpacked root, without `.` and empty parts; empty for the root itself. Throws
 * `code-invalid` for every name that could reach outside the root or mean two things.
 */
export function entryPath(name: string): string {
  if (name.includes('\0')) throw refuse(name, 'holds a NUL');
  if (name.includes('\\')) throw refuse(name, 'holds a backslash');
  if (name.startsWith('/') || /^[a-zA-Z]:/.test(name)) throw refuse(name, 'is absolute');
  const parts = name.split('/').filter(part => part !== '' && part !== '.');
  if (parts.includes('..')) throw refuse(name, 'leaves the package');
  if (parts.some(part => Buffer.byteLength(part) > ZIP_BOUNDS.partBytes)) throw refuse(name, 'is too long');
  const path = parts.join('/');
  if (Buffer.byteLength(path) > ZIP_BOUNDS.pathBytes) throw refuse(name, 'is too long');
  return path;
}

/**
 * Whether a link at `path` with this target stays inside. `..` may stand only at the start: the folders of an entry
 * are real folders, never links, so there it means what it says; after a name it could climb out of another link.
 */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false;
  const parts = target.split('/').filter(part => part !== '' && part !== '.');
  const climbs = parts.findIndex(part => part !== '..');
  const up = climbs === -1 ? parts.length : climbs;
  return !parts.slice(up).includes('..') && up <= path.split('/').length - 1;
}

function refuse(name: string, problem: string) {
  return fail('code-invalid', { detail: `the path ${JSON.stringify(name.slice(0, 200))} ${problem}` });
}
