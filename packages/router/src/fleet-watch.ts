import { type Clock, sleep } from '@lambent/core';
import { decodeKeyPart, type Entry, type Registry } from '@lambent/registry';
import type { WorkerAddress } from './router.ts';

/**
 * The live workers as the registry names them (`fleet/<id>` holds `{ "address": … }`), told whole after every change.
 * When the watch breaks everything is read anew, so nothing is missed and nobody who left stays.
 */
export class FleetWatch implements AsyncDisposable {
  readonly #options: FleetWatchOptions;
  readonly #closing = new AbortController();
  readonly #members = new Map<string, WorkerAddress>();
  #following: Promise<void> = Promise.resolve();

  private constructor(options: FleetWatchOptions) {
    this.#options = options;
  }

  /** Ready once the fleet was told for the first time. */
  static async open(options: FleetWatchOptions): Promise<FleetWatch> {
    const watch = new FleetWatch(options);
    const revision = await watch.#readAll();
    watch.#following = watch.#follow(revision);
    return watch;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #readAll(): Promise<number> {
    const { entries, revision } = await this.#options.registry.range(FLEET_PREFIX);
    this.#members.clear();
    for (const entry of entries) this.#put(entry);
    this.#tell();
    return revision;
  }

  async #follow(readRevision: number): Promise<void> {
    const { signal } = this.#closing;
    let fromRevision = readRevision + 1;
    while (!signal.aborted) {
      try {
        for await (const batch of this.#options.registry.watch(FLEET_PREFIX, { fromRevision, signal })) {
          for (const event of batch.events) {
            if (event.kind === 'put') this.#put(event.entry);
            else this.#members.delete(memberId(event.key));
          }
          this.#tell();
          fromRevision = batch.revision + 1;
        }
      } catch {
        // Whatever broke the watch, reading everything anew is the way back; it is tried until it works.
        fromRevision = await this.#recover(fromRevision);
      }
    }
  }

  async #recover(fromRevision: number): Promise<number> {
    const { clock } = this.#options;
    await sleep(clock, RECOVER_MS, { signal: this.#closing.signal }).catch(() => undefined);
    return this.#readAll().then(
      revision => revision + 1,
      () => fromRevision,
    );
  }

  #put(entry: Entry): void {
    const workerId = memberId(entry.key);
    const record: unknown = JSON.parse(Buffer.from(entry.value).toString());
    if (!record || typeof record !== 'object' || !('address' in record)) return;
    this.#members.set(workerId, { workerId, address: String(record.address) });
  }

  #tell(): void {
    this.#options.changed([...this.#members.values()]);
  }
}

export interface FleetWatchOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly changed: (fleet: readonly WorkerAddress[]) => void;
}

function memberId(key: string): string {
  return decodeKeyPart(key.slice(FLEET_PREFIX.length));
}

const FLEET_PREFIX = 'fleet/';
const RECOVER_MS = 500;
