import type { IKeyValue } from 'etcd3';
import type { Entry, LeaseId } from './registry.ts';

/** Keys as etcd has them: from the first, before the second. */
export interface EtcdRange {
  readonly key: Buffer;
  readonly range_end: Buffer;
}

/** Every key of one cluster starts with its name, so that several may share an etcd. */
export class EtcdNamespace {
  readonly #prefix: string;
  readonly #prefixBytes: number;

  constructor(name: string) {
    this.#prefix = `${name}/`;
    this.#prefixBytes = Buffer.byteLength(this.#prefix);
  }

  key(key: string): Buffer {
    return Buffer.from(this.#prefix + key);
  }

  /** All keys that start with `prefix`. */
  range(prefix: string): EtcdRange {
    const key = this.key(prefix);
    const end = Buffer.from(key);
    // The last byte counts one on: no byte of UTF-8 is the largest there is.
    end[end.length - 1] = (end.at(-1) ?? 0) + 1;
    return { key, range_end: end };
  }

  /** Those of them after the key `after`. */
  rangeAfter(prefix: string, after: string): EtcdRange {
    const { key, range_end } = this.range(prefix);
    // The first key after another is that one and a zero.
    const next = this.key(`${after}\0`);
    return { key: Buffer.compare(next, key) > 0 ? next : key, range_end };
  }

  nameOf(key: Buffer): string {
    return key.toString('utf8', this.#prefixBytes);
  }

  entryOf(stored: IKeyValue): Entry {
    return {
      key: this.nameOf(stored.key),
      value: new Uint8Array(stored.value),
      createRevision: toRevision(stored.create_revision),
      modRevision: toRevision(stored.mod_revision),
      ...(stored.lease !== '0' && { lease: stored.lease as LeaseId }),
    };
  }
}

/** etcd counts in 64 bits. At its fastest it would take thousands of years to leave what a number holds exactly. */
export function toRevision(text: string): number {
  const revision = Number(text);
  if (!Number.isSafeInteger(revision)) throw new RangeError(`revision ${text} is too large`);
  return revision;
}
