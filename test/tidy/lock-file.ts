import type { Rule } from './rule.ts';

const LOCK_FILE = 'package-lock.json';

interface LockEntry {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * The lock file names every package that one of its packages asks for, those of other platforms included. An install
 * where some of these cannot be had leaves them out, and `npm ci` then refuses the file everywhere.
 */
export const lockFile: Rule = files => {
  const text = files.find(file => file.path === LOCK_FILE)?.text;
  if (text === undefined) return [`${LOCK_FILE}: is missing`];
  const { packages } = JSON.parse(text) as { readonly packages: Readonly<Record<string, LockEntry>> };
  return Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter(name => !found(packages, place, name))
      .map(name => `${LOCK_FILE}: ${place || 'the root'} asks for ${name}, which it does not name`),
  );
};

/** Looks where Node.js does: beside what asks, then in every folder above. */
function found(packages: Readonly<Record<string, LockEntry>>, place: string, name: string): boolean {
  if (packages[`${place}${place && '/'}node_modules/${name}`]) return true;
  if (place === '') return false;
  return found(packages, place.slice(0, Math.max(0, place.lastIndexOf('/'))), name);
}
