import type { Random } from '@lambent/core';
import { REGISTRY_NAME } from '@lambent/registry';
import type { World } from './world.ts';

/** Something that goes wrong for a while. */
interface Fault {
  readonly name: string;
  /** How long it lasts at least; nothing when left out. */
  readonly leastMs?: number;
  begin(world: World, random: Random): (() => void) | undefined;
}

/** Every fault that the search draws from. What `begin` gives back ends it. */
const FAULTS: readonly Fault[] = [
  {
    name: 'kill worker',
    begin: (world, random) => {
      pick(world.workers, random)?.kill({ silent: random.fraction() < SILENT_SHARE });
      return undefined;
    },
  },
  {
    name: 'freeze worker',
    begin: (world, random) => {
      const worker = pick(world.workers, random);
      worker?.freeze();
      return () => worker?.thaw();
    },
  },
  {
    name: 'kill placement',
    begin: (world, random) => {
      pick(world.placements, random)?.kill({ silent: random.fraction() < SILENT_SHARE });
      return undefined;
    },
  },
  {
    name: 'freeze placement',
    begin: (world, random) => {
      const placement = pick(world.placements, random);
      placement?.freeze();
      return () => placement?.thaw();
    },
  },
  {
    name: 'stop registry',
    begin: world => {
      world.registry.stop();
      return () => world.registry.start();
    },
  },
  {
    name: 'stall registry',
    begin: world => {
      world.stalled = true;
      return () => {
        world.stalled = false;
      };
    },
  },
  { name: 'cut link', begin: (world, random) => cut(world, random, pick(world.memberNames(), random)) },
  {
    name: 'cut off from registry',
    // Longer than a grant lives.
    leastMs: 6_500,
    begin: (world, random) => cut(world, random, REGISTRY_NAME),
  },
  {
    name: 'set wall clocks',
    begin: (world, random) => {
      const set = (times: number) => {
        const byMs = (random.fraction() < 0.5 ? -1 : 1) * 3_600_000;
        for (const { process } of world.workers) process.setWallClock(byMs);
        if (times > 0) world.clock.setTimer(random.fraction() * CLOCK_CHANGE_MS, () => set(times - 1));
      };
      set(CLOCK_CHANGES);
      return undefined;
    },
  },
  {
    name: 'change limit',
    begin: (world, random) => {
      // Again and again, so that some change falls between a worker's reading of the limit and its raise.
      const change = () => world.owner.resize(4 + Math.floor(random.fraction() * world.slots));
      const end = repeat(world, change, {
        times: LIMIT_CHANGES,
        everyMs: () => random.fraction() * LIMIT_CHANGE_MS,
      });
      return () => {
        end();
        world.owner.resize(world.slots);
      };
    },
  },
  {
    name: 'change reservations',
    begin: (world, random) => {
      const change = () => {
        const functionId = pick(world.busiest, random);
        const slots = pick([undefined, 0, 1, 2, 5, 10, 20, 50], random);
        if (functionId !== undefined) world.owner.reserve(functionId, slots);
      };
      const everyMs = () => random.fraction() * RESERVATION_CHANGE_MS;
      return repeat(world, change, { times: RESERVATION_CHANGES, everyMs });
    },
  },
  {
    name: 'compact registry',
    begin: world => {
      world.registry.compact();
      return undefined;
    },
  },
];

/** At once, and so many times again. What it gives back ends it before. */
function repeat(
  world: World,
  step: () => void,
  { times, everyMs }: { readonly times: number; readonly everyMs: () => number },
): () => void {
  let left = times;
  const next = () => {
    if (left < 0) return;
    left -= 1;
    step();
    world.clock.setTimer(everyMs(), next);
  };
  next();
  return () => {
    left = -1;
  };
}

/** Between a worker and one other, both ways or one way. */
function cut(world: World, random: Random, other: string | undefined): (() => void) | undefined {
  const worker = pick(world.workers, random)?.name;
  if (worker === undefined || other === undefined || worker === other) return undefined;
  const ways = pick(
    [
      [worker, other],
      [other, worker],
    ] as const,
    random,
  );
  const cuts =
    random.fraction() < 0.5 && ways
      ? [ways]
      : ([
          [worker, other],
          [other, worker],
        ] as const);
  for (const [from, to] of cuts) world.wire.cut(from, to);
  return () => {
    for (const [from, to] of cuts) world.wire.mend(from, to);
  };
}

/** Some of them while a worker cannot renew what it holds. */
const CLOCK_CHANGES = 10;
const CLOCK_CHANGE_MS = 2_500;
/** So many deaths are those of a whole machine. */
const SILENT_SHARE = 0.3;
const LIMIT_CHANGES = 30;
const LIMIT_CHANGE_MS = 40;
/** Slow enough that each part is used before it changes again. */
const RESERVATION_CHANGES = 6;
const RESERVATION_CHANGE_MS = 400;
const LONGEST_MS = 9_000;
const GAP_MS = 900;

/** Lets faults happen, one after another and on top of each other, until `untilMs`; all have ended by then. */
export function scheduleFaults(world: World, random: Random, untilMs: number): void {
  const next = (atMs: number) => {
    if (atMs >= untilMs - GAP_MS) return;
    world.clock.setTimer(atMs - world.clock.monotonicMs(), () => {
      const fault = pick(FAULTS, random);
      const end = fault?.begin(world, random);
      world.tell(`${Math.round(atMs)} ms: ${fault?.name}`);
      const leastMs = fault?.leastMs ?? 0;
      const lastsMs = Math.min(leastMs + random.fraction() * (LONGEST_MS - leastMs), untilMs - atMs);
      if (end) world.clock.setTimer(lastsMs, end);
      next(atMs + random.fraction() * 2 * GAP_MS);
    });
  };
  next(world.clock.monotonicMs() + random.fraction() * GAP_MS);
  world.clock.setTimer(untilMs - world.clock.monotonicMs(), () => {
    for (const functionId of world.busiest) world.owner.reserve(functionId, undefined);
  });
}

export function pick<T>(choices: readonly T[], random: Random): T | undefined {
  return choices[Math.floor(random.fraction() * choices.length)];
}
