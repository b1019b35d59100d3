import type { Clock } from '@lambent/core';

export interface HearingOptions {
  readonly clock: Clock;
  /** The workers of the cluster whose sessions are renewed, whoever hears them. */
  readonly view: { readonly living: ReadonlySet<string> };
  /** Who reports here now. */
  readonly fleet: { hears(workerId: string): boolean; readonly audience: number };
}

/**
 * How much of the fleet a replica hears. Which workers live the registry says; one that lives and is unheard may be
 * cut off from here only, and hold what routers wait for.
 */
export class Hearing {
  readonly #options: HearingOptions;
  readonly #sinceMs: number;
  /** Holds until other workers live, or others report. */
  #counted = { living: NOBODY, audience: 0, heard: 0 };

  constructor(options: HearingOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.monotonicMs();
  }

  /** How many of those that live are heard. */
  get heard(): number {
    const { view, fleet } = this.#options;
    const { living } = view;
    const { audience } = fleet;
    if (this.#counted.living === living && this.#counted.audience === audience) return this.#counted.heard;
    let heard = 0;
    for (const workerId of living) if (fleet.hears(workerId)) heard += 1;
    this.#counted = { living, audience, heard };
    return heard;
  }

  get isComplete(): boolean {
    return this.heard === this.#options.view.living.size;
  }

  /** Too few are heard to advise with: those that are would be crowded, and what the others hold missed. */
  get isPoor(): boolean {
    return this.heard < this.#options.view.living.size * ENOUGH;
  }

  /** It has just begun to listen: whoever is unheard will most likely report yet. */
  get isNew(): boolean {
    return this.#options.clock.monotonicMs() - this.#sinceMs < NEW_MS;
  }

  /** It lives, and what it does is not known here. */
  isUnheard(workerId: string): boolean {
    const { view, fleet } = this.#options;
    return view.living.has(workerId) && !fleet.hears(workerId);
  }
}

const NOBODY: ReadonlySet<string> = new Set();
const ENOUGH = 0.9;
/** Twice what a reporter waits between two tries. */
const NEW_MS = 2_000;
