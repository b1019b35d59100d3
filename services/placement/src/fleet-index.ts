import type { EnvironmentKeyText } from '@lambent/contracts';
import type { FleetView, KeyHoldings } from './fleet-view.ts';
import { KeyHolders } from './key-holders.ts';
import { LimitShares } from './limit-shares.ts';
import type { Member } from './member.ts';
import { MemberSets, type Members } from './member-set.ts';
import { Rooms } from './rooms.ts';

/** Workers by what decisions look for in them. It is told of each change, and changes no worker itself. */
export class FleetIndex implements FleetView {
  readonly #rooms = new Rooms();
  readonly #runtimes = new MemberSets();
  readonly #code = new MemberSets();
  readonly #keys = new KeyHolders();
  readonly #shares = new Map<string, LimitShares>();
  /** Workers by runtime, whether or not they are ready. */
  readonly #everywhere = new MemberSets();

  get ready(): number {
    return this.#rooms.size;
  }

  withRuntime(runtime: string): Members {
    return this.#runtimes.of(runtime);
  }

  hasRuntime(runtime: string): boolean {
    return this.#everywhere.of(runtime).length > 0;
  }

  withCode(digest: string): Members {
    return this.#code.of(digest);
  }

  withRoom(memoryMb: number): Members {
    return this.#rooms.of(memoryMb);
  }

  holdings(key: EnvironmentKeyText): KeyHoldings {
    return this.#keys.of(key);
  }

  shares(limitId: string): LimitShares {
    return this.#shares.get(limitId) ?? new LimitShares(limitId);
  }

  /** Anything about it may have changed since it was `before`. */
  changed(member: Member, before: Member): void {
    const [wasReady, isReady] = [before.standing === 'ready', member.standing === 'ready'];
    this.memoryChanged(member);
    for (const limitId of before.shares.keys()) this.shareChanged(member, limitId);
    for (const limitId of member.shares.keys()) this.shareChanged(member, limitId);
    for (const key of wasReady ? before.holdings.keys() : [])
      if (!(isReady && member.holdings.has(key))) this.#keys.put(member, key, undefined);
    for (const key of isReady ? member.holdings.keys() : []) this.holdingChanged(member, key);
    for (const digest of before.codeCached)
      if (!member.codeCached.has(digest)) this.#code.put(digest, member, false);
    for (const digest of member.codeCached)
      if (!before.codeCached.has(digest)) this.#code.put(digest, member, true);
    for (const runtime of before.runtimes)
      if (wasReady !== isReady || !member.runtimes.has(runtime)) this.#runtimeChanged(member, runtime);
    for (const runtime of member.runtimes)
      if (wasReady !== isReady || !before.runtimes.has(runtime)) this.#runtimeChanged(member, runtime);
  }

  memoryChanged(member: Member): void {
    this.#rooms.update(member);
  }

  shareChanged(member: Member, limitId: string): void {
    const known = this.#shares.get(limitId);
    const shares = known ?? new LimitShares(limitId);
    shares.update(member);
    if (shares.isEmpty) this.#shares.delete(limitId);
    else if (!known) this.#shares.set(limitId, shares);
  }

  /** So many more start of what it holds already. */
  startsMore(member: Member, key: EnvironmentKeyText, count: number): void {
    if (member.standing === 'ready') this.#keys.startsMore(key, count);
  }

  holdingChanged(member: Member, key: EnvironmentKeyText): void {
    if (member.standing === 'ready') this.#keys.put(member, key, member.holdings.get(key));
  }

  #runtimeChanged(member: Member, runtime: string): void {
    const has = member.runtimes.has(runtime);
    this.#everywhere.put(runtime, member, has);
    this.#runtimes.put(runtime, member, has && member.standing === 'ready');
  }
}
