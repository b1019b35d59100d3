import type { CallOptions } from '@grpc/grpc-js';
import { type Clock, fail, isFailure, type Random, type TlsMaterial } from '@lambent/core';
import type { EtcdEndpoint } from './etcd-endpoint.ts';
import { fromEtcdError, isOutage, wasNeverSent } from './from-etcd-error.ts';

export interface EtcdClientOptions {
  /** URLs of the members. */
  readonly endpoints: readonly string[];
  readonly tls?: TlsMaterial;
  readonly clock: Clock;
  readonly random: Random;
}

export interface AskOptions {
  /** All members together have this long. */
  readonly timeoutMs: number;
  /** Whether asking twice does what asking once does. What is not is asked again only when it was never sent. */
  readonly repeatable: boolean;
}

type Question<T> = (endpoint: EtcdEndpoint, options: CallOptions) => Promise<T>;

/** A member that has not said within this what it is counts as away. */
const STATUS_TIMEOUT_MS = 3_000;
/** Older ones lose events of watches and renew leases that were revoked. */
const SERVER_OLDEST = [3, 5] as const;

/**
 * The members of an etcd cluster. One is preferred until it fails; then the next one is, for everybody, so that only
 * the first call after a member is lost pays for finding out.
 */
export class EtcdClient implements Disposable {
  readonly #endpoints: readonly EtcdEndpoint[];
  readonly #clock: Clock;
  #preferred: number;
  #closed = false;

  private constructor({ clock, random }: EtcdClientOptions, endpoints: readonly EtcdEndpoint[]) {
    this.#endpoints = endpoints;
    this.#clock = clock;
    // Those who start at the same time do not all lean on the same member.
    this.#preferred = Math.floor(random.fraction() * this.#endpoints.length);
  }

  /** Ready once a member has answered. Rejects with `registry-unavailable`, or with `registry-unfit`. */
  static async open(options: EtcdClientOptions): Promise<EtcdClient> {
    // Whoever runs on the embedded registry does not wait for etcd's client to be loaded.
    const { openEtcdEndpoint } = await import('./etcd-endpoint.ts');
    const endpoints = options.endpoints.map(url => openEtcdEndpoint(url, options.tls));
    const client = new EtcdClient(options, endpoints);
    try {
      await client.#checkVersions();
      return client;
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
  }

  /** How many members there are. */
  get size(): number {
    return this.#endpoints.length;
  }

  /** The member to ask first. */
  get preferred(): EtcdEndpoint {
    const endpoint = this.#endpoints[this.#preferred];
    if (!endpoint || this.#closed) throw fail('registry-unavailable', { detail: 'it is closed' });
    return endpoint;
  }

  /** From now on the next one is asked first, unless that is so already. */
  avoid(endpoint: EtcdEndpoint): void {
    if (this.#endpoints[this.#preferred] === endpoint)
      this.#preferred = (this.#preferred + 1) % this.#endpoints.length;
  }

  /** Asks one member after the other, each once, until one answers. Rejects with the last error as it came. */
  async ask<T>(question: Question<T>, { timeoutMs, repeatable }: AskOptions): Promise<T> {
    const giveUpAtMs = this.#clock.monotonicMs() + timeoutMs;
    for (let left = this.size; ; left--) {
      const endpoint = this.preferred;
      const leftMs = giveUpAtMs - this.#clock.monotonicMs();
      try {
        return await question(endpoint, this.#within(repeatable ? leftMs / left : leftMs));
      } catch (error) {
        if (!isOutage(error)) throw error;
        this.avoid(endpoint);
        if (left === 1 || !(repeatable || wasNeverSent(error))) throw error;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  /** gRPC takes a time of day, and turns it into a duration at once. */
  #within(durationMs: number): CallOptions {
    return { deadline: this.#clock.nowMs() + durationMs };
  }

  async #checkVersions(): Promise<void> {
    const answers = await Promise.allSettled(
      this.#endpoints.map(async ({ url, maintenance }) => {
        const { version } = await maintenance.status(this.#within(STATUS_TIMEOUT_MS)).catch(cause => {
          throw fail(
            'registry-unavailable',
            { detail: `${url}: ${fromEtcdError(cause).fields['detail']}` },
            { cause },
          );
        });
        if (isOlder(version)) throw fail('registry-unfit', { url, version, oldest: SERVER_OLDEST.join('.') });
      }),
    );
    const failures = answers.filter(answer => answer.status === 'rejected').map(answer => answer.reason);
    const [failure] = [
      ...failures.filter(error => isFailure(error, 'registry-unfit')),
      ...(failures.length === this.size ? failures : []),
    ];
    if (failure !== undefined) throw fromEtcdError(failure);
  }
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = SERVER_OLDEST;
  return major < oldestMajor || (major === oldestMajor && minor < oldestMinor);
}
