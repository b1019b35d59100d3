import type { EnvironmentKey, EnvironmentSpec, ProvisionCommand } from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';
import { provisionedLimitId } from '@lambent/membership';
import type { Environment } from '../environment.ts';
import type { EnvironmentStarter, StartResult } from '../environment-starter.ts';
import type { Environments } from '../environments.ts';
import type { Grants } from '../grants/grants.ts';
import { chooseSurplus } from './choose-surplus.ts';

export interface ProvisionedOptions {
  readonly environments: Environments;
  readonly starter: Pick<EnvironmentStarter, 'provision'>;
  readonly grants: Pick<Grants, 'keep'>;
  readonly clock: Clock;
  /** What placement is told has changed. */
  readonly changed: () => void;
}

/**
 * Holds as many provisioned environments of a version as placement last said, and as many slots for them: starts what
 * lacks, replaces what ended, lets go what is too much. What cannot start now is tried again every second, until
 * placement says otherwise: without placement the last word stands.
 */
export class Provisioned implements Disposable {
  readonly #options: ProvisionedOptions;
  /** By limit. */
  readonly #levels = new Map<string, Level>();
  #again: Timer | undefined;
  #closed = false;

  constructor(options: ProvisionedOptions) {
    this.#options = options;
  }

  provision({ spec, count }: ProvisionCommand): void {
    if (!spec?.key) return;
    const limitId = provisionedLimitId(spec.key.functionId, spec.key.version);
    const known = this.#levels.get(limitId);
    if (!known && (count === 0 || this.#levels.size >= LEVELS_MAX)) return;
    const level = known ?? { limitId, spec, count, starting: 0, failed: false };
    this.#levels.set(limitId, level);
    level.spec = spec;
    level.count = count;
    this.#reach(level);
  }

  /** The function is gone: none of its environments is started again. */
  forget(functionId: string): void {
    for (const level of this.#levels.values()) {
      if (level.spec.key?.functionId !== functionId) continue;
      level.count = 0;
      this.#reach(level);
    }
  }

  /** Whose last init failed. */
  failing(): readonly EnvironmentKey[] {
    return [...this.#levels.values()].flatMap(({ spec, failed }) => (failed && spec.key ? [spec.key] : []));
  }

  /** Nothing is left of it: its memory is free for the next. */
  ended({ provisioned, spec }: Environment): void {
    const level = provisioned && this.#levels.get(limitIdOf(spec));
    if (level) this.#reach(level);
  }

  /** Starts nothing more. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#again?.cancel();
  }

  #reach(level: Level): void {
    if (this.#closed) return;
    const staying = this.#environmentsOf(level).filter(one => !one.leaving);
    for (const one of chooseSurplus(staying, staying.length - level.count)) one.retire();
    const started = staying.filter(one => one.state !== 'starting').length;
    let lacking = level.count - started - level.starting;
    while (lacking > 0 && this.#startOne(level)) lacking -= 1;
    if (lacking > 0) this.#tryAgain();
    const held = this.#environmentsOf(level).length;
    this.#options.grants.keep(level.limitId, Math.min(level.count, held));
    if (level.count + level.starting + held === 0) this.#levels.delete(level.limitId);
  }

  #environmentsOf({ limitId }: Level): readonly Environment[] {
    return this.#options.environments.filter(one => one.provisioned && limitIdOf(one.spec) === limitId);
  }

  /** Whether one starts. */
  #startOne(level: Level): boolean {
    const start = this.#options.starter.provision(level.spec);
    if (!start) return false;
    level.starting += 1;
    void start.then(result => this.#started(level, result));
    return true;
  }

  #started(level: Level, result: StartResult): void {
    level.starting -= 1;
    if (result === 'ready' || result === 'init-failed') level.failed = result === 'init-failed';
    if (result === 'no-memory' || result === 'not-started') this.#tryAgain();
    else this.#reach(level);
    this.#options.changed();
  }

  #tryAgain(): void {
    if (this.#closed || this.#again) return;
    this.#again = this.#options.clock.setTimer(AGAIN_MS, () => {
      this.#again = undefined;
      for (const level of [...this.#levels.values()]) this.#reach(level);
    });
  }
}

/** What is wanted of one version, and how far it is. */
interface Level {
  readonly limitId: string;
  spec: EnvironmentSpec;
  count: number;
  /** Starts whose end is not known. */
  starting: number;
  /** Whether the last init failed. */
  failed: boolean;
}

function limitIdOf({ key }: EnvironmentSpec): string {
  return provisionedLimitId(key?.functionId ?? '', key?.version ?? '');
}

/** Of the smallest size that many would want more than a terabyte. */
const LEVELS_MAX = 10_000;
/** Soon beside what memory takes to come free, seldom beside a version whose inits fail. */
const AGAIN_MS = 1_000;
