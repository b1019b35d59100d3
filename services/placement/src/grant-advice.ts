import type { RaiseEnded, WorkerReport } from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';
import { grantBlock } from '@lambent/membership';
import type { ClusterView } from './cluster-view.ts';
import type { Crew } from './crew.ts';
import type { Fleet } from './fleet.ts';
import type { Hearing } from './hearing.ts';
import { freeOf } from './limit.ts';
import { Lowering } from './lowering.ts';
import { slotsFree } from './member.ts';
import { type GiveBack, unusedOf } from './policy.ts';
import { type Proof, Saturation } from './saturation.ts';
import { Turns } from './turns.ts';

export interface GrantAdviceOptions {
  readonly clock: Clock;
  readonly fleet: Fleet;
  readonly crew: Crew;
  readonly view: ClusterView;
  readonly hearing: Hearing;
  /** A worker was told that it is its turn. */
  readonly gave: () => void;
}

/**
 * Who raises its grants, who lowers them, and whether a limit is used up. Advice: only workers write grants, and what
 * two replicas say at once is no more than one of them may say twice.
 */
export class GrantAdvice implements Disposable {
  readonly #options: GrantAdviceOptions;
  readonly #saturation: Saturation;
  readonly #lowering = new Lowering();
  /** By limit. */
  readonly #turns = new Map<string, Turns>();
  readonly #askedMs = new Map<string, number>();
  /** What the worker whose turn it is held when it was given. */
  readonly #heldBefore = new Map<string, number>();
  #repeat: Timer | undefined;

  constructor(options: GrantAdviceOptions) {
    this.#options = options;
    this.#saturation = new Saturation(options);
    this.#setRepeat();
  }

  /** Somebody waits for slots of this limit, and asks here. */
  asked(limitId: string): void {
    if (this.#options.view.limit(limitId).slots === undefined) return;
    this.#askedMs.set(limitId, this.#options.clock.monotonicMs());
    this.#turns.get(limitId)?.wake();
  }

  /** What it wants, by limit, is known anew. */
  reported({ workerId }: WorkerReport): void {
    const member = this.#options.fleet.member(workerId);
    if (!member) return;
    for (const [limitId, { wanted }] of member.shares) {
      if (this.#saturation.isDue(limitId)) this.#look(limitId);
      if (wanted > 0 && member.standing === 'ready') this.#turnsOf(limitId)?.want(workerId);
      else this.#turns.get(limitId)?.content(workerId);
    }
  }

  /** Something starts there. Its slot is raised meanwhile, and not only once the worker has reported that it wants one. */
  startsAt(workerId: string, limitId: string): void {
    const member = this.#options.fleet.member(workerId);
    if (member && slotsFree(member, limitId) < 0) this.#turnsOf(limitId)?.want(workerId);
  }

  raiseEnded(workerId: string, { limitId, turn, granted }: RaiseEnded): void {
    const wanted = this.#options.fleet.raised(workerId, limitId, granted);
    const raised = granted > (this.#heldBefore.get(limitId) ?? 0);
    this.#turns.get(limitId)?.ended(workerId, turn, { raised, wanted });
  }

  left(workerId: string): void {
    for (const turns of this.#turns.values()) turns.left(workerId);
  }

  /** The registry says something new. */
  viewed(): void {
    for (const limitId of new Set([...this.#turns.keys(), ...this.#askedMs.keys()])) {
      if (this.#options.view.limit(limitId).slots === undefined) this.#forget(limitId);
      else this.#look(limitId);
      this.#turns.get(limitId)?.wake();
    }
    this.#lower({ again: false });
  }

  /** Slots that are idle where they are, and wanted elsewhere. */
  takeBack(limitId: string, givers: readonly GiveBack[]): void {
    for (const { workerId, slots } of givers) this.#tellToLower(workerId, limitId, slots);
  }

  /** Nothing was found for so many, of whom the first has waited so long: whether that is certain, and not for how many. */
  usedUp(limitId: string, wait: { readonly waiting: number; readonly waitedMs: number }): UsedUp {
    this.#look(limitId);
    const proof = this.#saturation.proofOf(limitId, wait);
    return { proof, unused: Math.min(wait.waiting, this.#saturation.mostUnused(limitId)) };
  }

  /** Whether it is for this replica to say. One that routers ask answers for a limit, too: whoever should have did not. */
  gives(limitId: string): boolean {
    const { clock, view } = this.#options;
    const askedMs = this.#askedMs.get(limitId) ?? Number.NEGATIVE_INFINITY;
    return view.answersFor(limitId) || clock.monotonicMs() - askedMs < STAND_IN_MS;
  }

  [Symbol.dispose](): void {
    this.#repeat?.cancel();
    for (const turns of this.#turns.values()) turns[Symbol.dispose]();
  }

  #turnsOf(limitId: string): Turns | undefined {
    const { clock, crew, view, fleet, gave } = this.#options;
    const known = this.#turns.get(limitId);
    if (known || view.limit(limitId).slots === undefined) return known;
    const turns = new Turns({
      clock,
      block: () =>
        this.gives(limitId) ? grantBlock({ free: freeOf(view.limit(limitId)), workers: fleet.size }) : 0,
      give: (workerId, turn) => {
        this.#heldBefore.set(limitId, fleet.member(workerId)?.shares.get(limitId)?.granted ?? 0);
        const given = crew.send(workerId, { case: 'raise', value: { limitId, ...turn } });
        if (given) gave();
        return given;
      },
    });
    this.#turns.set(limitId, turns);
    return turns;
  }

  /** There is no such limit any more. */
  #forget(limitId: string): void {
    this.#turns.get(limitId)?.[Symbol.dispose]();
    this.#turns.delete(limitId);
    this.#askedMs.delete(limitId);
    this.#heldBefore.delete(limitId);
    this.#saturation.forget(limitId);
  }

  #look(limitId: string): void {
    const { fleet, view, hearing } = this.#options;
    const limit = view.limit(limitId);
    // All that a holder has may be unused, as far as can be told of one that lives and is not heard.
    const isKnown = ![...limit.grants.keys()].some(workerId => hearing.isUnheard(workerId));
    this.#saturation.observe(limitId, isKnown ? unusedOf(limit, fleet.view()) : Number.POSITIVE_INFINITY);
  }

  #setRepeat(): void {
    this.#repeat = this.#options.clock.setTimer(REPEAT_MS, () => {
      this.#setRepeat();
      this.#lower({ again: true });
    });
  }

  #lower({ again }: { readonly again: boolean }): void {
    for (const limit of this.#options.view.limits()) {
      if (!this.gives(limit.id)) continue;
      const { parts, news } = this.#lowering.partsOf(limit);
      if (news || again) for (const [workerId, slots] of parts) this.#tellToLower(workerId, limit.id, slots);
    }
  }

  #tellToLower(workerId: string, limitId: string, slots: number): void {
    this.#options.crew.send(workerId, { case: 'lower', value: { limitId, slots } });
    this.#options.fleet.lowered(workerId, limitId, slots);
  }
}

export interface UsedUp {
  readonly proof: Proof;
  /** How many of those who wait may still find a slot. */
  readonly unused: number;
}

/** Routers repeat themselves every 250 ms; by then the members tell who is gone. */
const STAND_IN_MS = 2_000;
/** How often a holder that still has too much is told again. */
const REPEAT_MS = 1_000;
