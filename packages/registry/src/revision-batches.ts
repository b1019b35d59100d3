import type { IEvent, IWatchResponse } from 'etcd3';
import { type EtcdNamespace, toRevision } from './etcd-namespace.ts';
import type { WatchBatch, WatchEvent } from './registry.ts';

/**
 * Makes one batch of each revision, whole, in order and once, out of what etcd sends: several revisions in one
 * response, one revision over several, and after a reconnection some of it again.
 */
export class RevisionBatches {
  readonly #namespace: EtcdNamespace;
  #next: number;
  #begun: { readonly revision: number; readonly events: WatchEvent[] } | undefined;

  constructor(namespace: EtcdNamespace, fromRevision: number) {
    this.#namespace = namespace;
    this.#next = fromRevision;
  }

  /** The first revision that was not given yet: where to go on. */
  get next(): number {
    return this.#next;
  }

  /** The batches that are whole now. */
  add(response: Pick<IWatchResponse, 'events' | 'fragment'>): WatchBatch[] {
    const batches: WatchBatch[] = [];
    for (const event of response.events) {
      const revision = toRevision(event.kv.mod_revision);
      if (revision < this.#next) continue;
      if (this.#begun?.revision !== revision) {
        this.#finish(batches);
        this.#begun = { revision, events: [] };
      }
      this.#begun.events.push(this.#toEvent(event));
    }
    if (!response.fragment) this.#finish(batches);
    return batches;
  }

  /** Nothing at or before `revision` is still to come. */
  passed(revision: number): void {
    this.#next = Math.max(this.#next, revision + 1);
  }

  /** What was begun will come again from its beginning. */
  restart(): void {
    this.#begun = undefined;
  }

  #finish(batches: WatchBatch[]): void {
    if (!this.#begun) return;
    batches.push(this.#begun);
    this.#next = this.#begun.revision + 1;
    this.#begun = undefined;
  }

  #toEvent({ type, kv }: IEvent): WatchEvent {
    if (type === 'Put') return { kind: 'put', entry: this.#namespace.entryOf(kv) };
    return { kind: 'delete', key: this.#namespace.nameOf(kv.key) };
  }
}
