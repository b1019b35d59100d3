import { type Clock, SeededRandom, SimulatedClock, type Timer } from '@lambent/core';
import { decodeLimit, encodeRecord, grantKey, grantsPrefix, limitKey } from '@lambent/membership';
import { REGISTRY_NAME, SimulatedRegistry, SimulatedRegistryServer } from '@lambent/registry';

export const LIMIT_ID = 'pool';

/** A registry on simulated time, and members whose way to it a test may hold up. */
export class RegistryWorld {
  readonly clock = new SimulatedClock();
  readonly random: SeededRandom;
  readonly server: SimulatedRegistryServer;

  constructor(seed = 1) {
    this.random = new SeededRandom(seed);
    this.server = new SimulatedRegistryServer({ clock: this.clock, random: this.random });
  }

  member(name: string, clock: Clock = this.clock): HeldUpMember {
    return new HeldUpMember(this.server, name, clock);
  }

  setLimit(slots: number): void {
    const write = {
      kind: 'put',
      key: limitKey(LIMIT_ID),
      value: encodeRecord({ wanted: slots, held: slots }),
    } as const;
    this.server.transact({ compare: [], write: [write] });
  }

  get limit(): number {
    const entry = this.server.get(limitKey(LIMIT_ID));
    return (entry && decodeLimit(entry)?.wanted) ?? 0;
  }

  granted(worker: string): number {
    const entry = this.server.get(grantKey(LIMIT_ID, worker));
    return entry ? Number(Buffer.from(entry.value).toString()) : 0;
  }

  get grantedToAll(): number {
    const { entries } = this.server.range(grantsPrefix(LIMIT_ID));
    return entries.reduce((sum, { value }) => sum + Number(Buffer.from(value).toString()), 0);
  }
}

/** One member's way to the registry: what it asks, or what it is answered, may wait until it is let go. */
class HeldUpMember {
  readonly registry: SimulatedRegistry;
  hold: Hold = 'nothing';
  #holdNext: Hold = 'nothing';
  #held: (() => void)[] = [];

  constructor(server: SimulatedRegistryServer, name: string, clock: Clock) {
    const wire = {
      carry: (_from: string, to: string, deliver: () => void) => {
        const way = to === REGISTRY_NAME ? 'requests' : 'answers';
        if (this.hold === way) this.#held.push(deliver);
        else queueMicrotask(deliver);
      },
      expire: (timeoutMs: number, late: () => void): Timer => clock.setTimer(timeoutMs, late),
    };
    this.registry = new SimulatedRegistry({ server, wire, member: name, clock });
    const transact = this.registry.transact.bind(this.registry);
    this.registry.transact = transaction => {
      if (this.#holdNext !== 'nothing') this.hold = this.#holdNext;
      this.#holdNext = 'nothing';
      return transact(transaction);
    };
  }

  /** From the next transaction on. */
  holdFromTransaction(hold: Hold): void {
    this.#holdNext = hold;
  }

  /** What waits arrives now, and nothing waits any more. */
  release(): void {
    this.detach()();
  }

  /** Nothing waits any more, but for what does now: that arrives when what this gives back is called, if ever. */
  detach(): () => void {
    const held = this.#held;
    this.#held = [];
    this.hold = 'nothing';
    return () => {
      for (const deliver of held) deliver();
    };
  }
}

type Hold = 'nothing' | 'requests' | 'answers';

/** The time of a process that can be stopped: it goes on, and what falls due meanwhile happens when it is continued. */
export class StoppableClock implements Clock {
  readonly #clock: Clock;
  #stopped = false;
  readonly #late: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    let cancelled = false;
    const run = () => {
      if (!cancelled) fire();
    };
    const timer = this.#clock.setTimer(delayMs, () => {
      if (this.#stopped) this.#late.push(run);
      else run();
    });
    const cancel = () => {
      cancelled = true;
      timer.cancel();
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  stop(): void {
    this.#stopped = true;
  }

  continue(): void {
    this.#stopped = false;
    for (const run of this.#late.splice(0)) run();
  }
}
