import type { Random } from '@lambent/core';
import type { World } from './world.ts';

/** Something that goes wrong for a while. */
interface Fault {
  readonly name: string;
  begin(world: World, random: Random): (() => void) | undefined;
}

/** Every fault that the search draws from. What `begin` gives back ends it. */
const FAULTS: readonly Fault[] = [
  {
    name: 'kill worker',
    begin: (world, random) => {
      pick(world.workers, random)?.kill();
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
      pick(world.placements, random)?.kill();
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
    name: 'cut link',
    begin: (world, random) => {
      const names = world.memberNames();
      const [one, other] = [pick(names, random), pick(names, random)];
      if (one === undefined || other === undefined || one === other) return undefined;
      const oneWay = random.fraction() < 0.5;
      world.wire.cut(one, other);
      if (!oneWay) world.wire.cut(other, one);
      return () => {
        world.wire.mend(one, other);
        if (!oneWay) world.wire.mend(other, one);
      };
    },
  },
  {
    name: 'jump wall clock',
    begin: (world, random) => {
      const byMs = (random.fraction() < 0.5 ? -1 : 1) * 3_600_000;
      pick(world.workers, random)?.process.setWallClock(byMs);
      return undefined;
    },
  },
  {
    name: 'change limit',
    begin: (world, random) => {
      world.setLimit(4 + Math.floor(random.fraction() * world.slots));
      return () => world.setLimit(world.slots);
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

const LONGEST_MS = 7_000;
const GAP_MS = 1_500;

/** Lets faults happen, one after another and on top of each other, until `untilMs`; all have ended by then. */
export function scheduleFaults(world: World, random: Random, untilMs: number): void {
  const next = (atMs: number) => {
    if (atMs >= untilMs - GAP_MS) return;
    world.clock.setTimer(atMs - world.clock.monotonicMs(), () => {
      const fault = pick(FAULTS, random);
      const end = fault?.begin(world, random);
      world.tell(`${Math.round(atMs)} ms: ${fault?.name}`);
      const lastsMs = Math.min(random.fraction() * LONGEST_MS, untilMs - atMs);
      if (end) world.clock.setTimer(lastsMs, end);
      next(atMs + random.fraction() * 2 * GAP_MS);
    });
  };
  next(world.clock.monotonicMs() + random.fraction() * GAP_MS);
}

export function pick<T>(choices: readonly T[], random: Random): T | undefined {
  return choices[Math.floor(random.fraction() * choices.length)];
}
