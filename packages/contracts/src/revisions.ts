import type { EnvironmentKey } from '../gen/lambent/v1/environment_pb.ts';

/**
 * The newest configuration revision asked for, by function and version. An environment of an older one is
 * neither started nor used here, whoever still asks for it.
 */
export class Revisions {
  /** In order of last change, oldest first. */
  readonly #newest = new Map<string, bigint>();

  /** Takes note of the key's revision; says how it stands to the newest asked for so far. */
  observe(key: EnvironmentKey): 'newer' | 'current' | 'stale' {
    const name = nameOf(key);
    const newest = this.#newest.get(name);
    if (newest !== undefined && key.revision <= newest) return key.revision === newest ? 'current' : 'stale';
    this.#newest.delete(name);
    this.#newest.set(name, key.revision);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > VERSIONS_MAX && oldest !== undefined) this.#newest.delete(oldest);
    return 'newer';
  }

  isStale(key: EnvironmentKey): boolean {
    return key.revision < (this.#newest.get(nameOf(key)) ?? key.revision);
  }
}

function nameOf({ functionId, version }: EnvironmentKey): string {
  return `${functionId}/${version}`;
}

/** The functions of one cell; forgetting one lets an older revision start until the newer is asked for again. */
const VERSIONS_MAX = 100_000;
