import type { Clock } from '@lambent/core';
import { grantKey, LIMITS_PREFIX, POOL_LIMIT_ID } from '@lambent/membership';
import type { Registry } from '@lambent/registry';
import type { Ground, World } from './world.ts';

/** How often the second writer meddles. */
const MEDDLE_MS = 700;

/** What a worker stands on, sound or with the world's planted bug in it. */
export function plant(world: World, worker: string, ground: Ground): Ground & { readonly clock: Clock } {
  const { process } = ground;
  const sound = { ...ground, clock: process };
  switch (world.planted) {
    case undefined:
      return sound;
    case 'two-writers':
      meddle(world, worker, ground);
      return sound;
    case 'no-limit-compare':
      return { ...sound, registry: withoutLimitCompare(ground.registry) };
    case 'wall-clock-fence':
      return {
        ...sound,
        clock: {
          nowMs: () => process.nowMs(),
          monotonicMs: () => process.nowMs(),
          setTimer: (delayMs, fire) => process.setTimer(delayMs, fire),
        },
      };
  }
}

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
  return new Proxy(registry, {
    get(target, name) {
      if (name === 'transact') {
        return (transaction: Parameters<Registry['transact']>[0]) =>
          target.transact({
            ...transaction,
            compare: transaction.compare.filter(
              each => each.kind !== 'key' || !each.key.startsWith(LIMITS_PREFIX),
            ),
          });
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
