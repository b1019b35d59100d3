import type { Clock, SimulatedClock, Timer } from '@lambent/core';

/**
 * One process on simulated time: it runs, is frozen (what falls due meanwhile happens when it goes on, as after
 * SIGSTOP and SIGCONT), or is dead (nothing of it happens any more). Its clock runs a little fast or slow, and its
 * wall clock may be set.
 */
export class SimulatedProcess implements Clock {
  readonly name: string;
  readonly #world: SimulatedClock;
  /** Own milliseconds per millisecond of the world. */
  readonly #rate: number;
  #wallOffsetMs = 0;
  #state: 'running' | 'frozen' | 'dead' = 'running';
  readonly #late: (() => void)[] = [];
  readonly #endings: (() => void)[] = [];
  #closing = false;

  constructor(name: string, world: SimulatedClock, options: { readonly rate?: number } = {}) {
    this.name = name;
    this.#world = world;
    this.#rate = options.rate ?? 1;
  }

  get state(): 'running' | 'frozen' | 'dead' {
    return this.#state;
  }

  nowMs(): number {
    return this.#world.nowMs() + this.#wallOffsetMs;
  }

  monotonicMs(): number {
    return this.#world.monotonicMs() * this.#rate;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    let cancelled = false;
    const timer = this.#world.setTimer(delayMs / this.#rate, () =>
      this.run(() => {
        if (!cancelled) fire();
      }),
    );
    const cancel = () => {
      cancelled = true;
      timer.cancel();
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  /** Whether what it sends goes out: as long as it lives, and while the kernel closes what a dead one had open. */
  get speaks(): boolean {
    return this.#state !== 'dead' || this.#closing;
  }

  /** Something happens to this process: now, when it goes on, or never. */
  run(event: () => void): void {
    if (this.#state === 'running') event();
    else if (this.#state === 'frozen') this.#late.push(event);
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen';
  }

  thaw(): void {
    if (this.#state !== 'frozen') return;
    this.#state = 'running';
    // As a kernel wakes a process: everything that waits is there at once, each in its own turn.
    for (const event of this.#late.splice(0)) this.#world.setTimer(0, () => this.run(event));
  }

  setWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** What the machine does when the process is dead. */
  onDeath(ending: () => void): void {
    this.#endings.push(ending);
  }

  /** `silent`: its machine lost its power, and nobody is told that its streams are over. */
  kill({ silent = false } = {}): void {
    if (this.#state === 'dead') return;
    this.#state = 'dead';
    this.#late.length = 0;
    this.#closing = !silent;
    for (const ending of this.#endings.splice(0)) ending();
    this.#closing = false;
  }
}
