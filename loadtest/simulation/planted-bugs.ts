import type { Clock, Timer } from '@lambent/core';
import { GRANTS_PREFIX, grantKey, LIMITS_PREFIX, POOL_LIMIT_ID } from '@lambent/membership';
import type { Compare, Registry } from '@lambent/registry';
import type { Ground, World } from './world.ts';

/** How often the second writer meddles. */
const MEDDLE_MS = 700;

/** A keeper is another process: its clock goes on while the worker is frozen. */
export interface WorkerGround extends Ground {
  readonly clock: Clock;
  readonly keeperClock: Clock;
}

/** What a worker stands on, sound or with the world's planted bug in it. */
export function plant(world: World, worker: string, ground: Ground): WorkerGround {
  const { process } = ground;
  const sound = { ...ground, clock: process, keeperClock: world.clock };
  switch (world.planted) {
    case undefined:
    // Not of workers.
    case 'no-giver-compare':
      return sound;
    case 'two-writers':
      meddle(world, worker, ground);
      return sound;
    case 'no-limit-compare':
      return { ...sound, registry: withoutLimitCompare(ground.registry) };
    case 'wall-clock-fence': {
      const nowMs = () => process.nowMs();
      const wallClock = (timers: Clock, leastMs: number): Clock => ({
        nowMs,
        monotonicMs: nowMs,
        setTimer: (delayMs, fire) =>
          delayMs < leastMs ? timers.setTimer(delayMs, fire) : setWallTimer(timers, nowMs, delayMs, fire),
      });
      return { ...sound, clock: wallClock(process, LONG_MS), keeperClock: wallClock(world.clock, 0) };
    }
  }
}

/** A wait is over when the wall clock says so. */
function setWallTimer(timers: Clock, nowMs: () => number, delayMs: number, fire: () => void): Timer {
  const dueMs = nowMs() + delayMs;
  let timer = timers.setTimer(delayMs, rung);
  function rung(): void {
    const leftMs = dueMs - nowMs();
    if (leftMs <= 1) fire();
    else timer = timers.setTimer(leftMs, rung);
  }
  return { cancel: () => timer.cancel(), [Symbol.dispose]: () => timer.cancel() };
}

/** Longer than a heartbeat, shorter than a lease. */
const LONG_MS = 2_500;

/** Somebody else than the worker lowers its grant, as far as it knows from what is free there. */
function meddle(world: World, worker: string, { process, registry }: Ground): void {
  const key = grantKey(POOL_LIMIT_ID, worker);
  process.setTimer(MEDDLE_MS * (0.5 + world.random.fraction()), () => {
    void registry
      .get(key)
      .then(entry => {
        const granted = Number(Buffer.from(entry?.value ?? '0').toString());
        if (!entry || granted === 0) return;
        const value = Buffer.from(String(granted - 1));
        const lease = entry.lease && { lease: entry.lease };
        return registry.transact({ compare: [], write: [{ kind: 'put', key, value, ...lease }] });
      })
      .catch(() => undefined);
    meddle(world, worker, { process, registry } as Ground);
  });
}

/** Raises compare the grants, and not the limit that they were computed from. */
function withoutLimitCompare(registry: Registry): Registry {
  return without(registry, each => each.kind === 'key' && each.key.startsWith(LIMITS_PREFIX));
}

/** What a part of the account lets go of is settled without comparing what was granted of it meanwhile. */
export function withoutGiverCompare(registry: Registry): Registry {
  return without(registry, each => each.kind === 'range' && each.prefix.startsWith(GRANTS_PREFIX));
}

function without(registry: Registry, isLeftOut: (compare: Compare) => boolean): Registry {
  return new Proxy(registry, {
    get(target, name) {
      if (name === 'transact') {
        return (transaction: Parameters<Registry['transact']>[0]) =>
          target.transact({
            ...transaction,
            compare: transaction.compare.filter(each => !isLeftOut(each)),
          });
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
