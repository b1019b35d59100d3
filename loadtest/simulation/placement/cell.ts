import { create } from '@bufbuild/protobuf';
import { NeedRequestSchema, type StartCommand } from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { createLogger, nullTelemetry } from '@lambent/daemon';
import { type Link, type PlacementDoor, SimulatedWire } from '@lambent/link';
import { grantKey, POOL_LIMIT_ID } from '@lambent/membership';
import { Placement } from '@lambent/placement';
import { SimulatedRegistry, SimulatedRegistryServer } from '@lambent/registry';
import { Vacancies } from '@lambent/router';
import { CellFunction, type Routing, type Served } from './cell-function.ts';
import { CellWorker } from './cell-worker.ts';
import { coldStartMs, type FunctionLoad } from './function-load.ts';

const MEMORY_MB = 65_536;
const SLOTS = 4_000;
const TICK_MS = 250;

/** What a cell was asked, and how it answered. */
export interface CellFigures extends Served {
  /** Environments that were started meanwhile. */
  starts: number;
  /** What each question took, in microseconds. */
  readonly decisionUs: number[];
  /** Questions for what some worker had idle: the router could have sent the call there. */
  needless: number;
  /** The worker with most in flight beside the average, every second; and that with most memory used. */
  readonly imbalance: number[];
  readonly memoryImbalance: number[];
}

/**
 * One cell on simulated time: the real placement, workers that hold environments and report once a second, and a
 * router that sends each call where its vacancies say, and asks for whatever they know nobody for. Slots are there; how
 * grants move is simulated elsewhere.
 */
export class Cell implements AsyncDisposable {
  readonly clock: SimulatedClock;
  readonly workers: CellWorker[] = [];
  readonly #functions: readonly CellFunction[];
  readonly #byId: ReadonlyMap<string, CellFunction>;
  readonly #random: SeededRandom;
  readonly #placement: Placement;
  readonly #door: PlacementDoor;
  /** Until the peak begins environments are there as soon as they are asked for. */
  #filling = true;
  #tick = 0;
  #figures: CellFigures = none();
  readonly #routing: Routing = { vacancies: new Vacancies<CellWorker>(), served: this.#figures };

  private constructor(options: {
    readonly loads: readonly FunctionLoad[];
    readonly random: SeededRandom;
    readonly opened: Opened;
    readonly clock: SimulatedClock;
  }) {
    this.clock = options.clock;
    this.#random = options.random;
    this.#functions = options.loads.map((load, number) => new CellFunction(number, load, this.#routing));
    this.#byId = new Map(this.#functions.map(fn => [fn.key.functionId, fn]));
    this.#placement = options.opened.placement;
    this.#door = options.opened.door;
  }

  /** With every environment that the minutes before the peak have left. */
  static async open(options: {
    readonly seed: number;
    readonly loads: readonly FunctionLoad[];
    readonly workers: number;
  }): Promise<Cell> {
    const random = new SeededRandom(options.seed);
    const clock = new SimulatedClock();
    const names = Array.from({ length: options.workers }, (_, number) => `w-${number}`);
    const opened = await openPlacement({ clock, random, names, slots: 2 * options.workers * SLOTS });
    const cell = new Cell({ ...options, random, opened, clock });
    for (const name of names) cell.join(name);
    for (const fn of cell.#functions) {
      if (fn.load.warm > 0) cell.#ask(fn, fn.load.warm);
      fn.begin(random);
    }
    cell.#filling = false;
    for (let second = 0; second < SETTLE_SECONDS; second++) await cell.#reportFor(1_000);
    return cell;
  }

  join(id: string): CellWorker {
    const started = (worker: CellWorker, command: StartCommand) => this.#started(worker, command);
    const worker = new CellWorker({ id, memoryMb: MEMORY_MB, slots: SLOTS, started });
    const { message } = this.#door.enlist(worker.stream);
    worker.enlisted(message);
    worker.report();
    this.workers.push(worker);
    return worker;
  }

  /** What happened while it played on, from one second of the peak to another. */
  async play(from: number, to: number): Promise<CellFigures> {
    const figures = none();
    this.#figures = figures;
    this.#routing.served = figures;
    for (let second = from; second < to; second++) {
      for (const fn of this.#functions) fn.play(second, this.#random);
      for (let passedMs = 0; passedMs < 1_000; passedMs += TICK_MS) {
        for (const fn of this.#functions) if (fn.waiting > 0) this.#ask(fn, fn.waiting);
        await this.#reportFor(TICK_MS);
      }
      figures.imbalance.push(mostToMean(this.workers.map(({ inFlight }) => inFlight)));
      figures.memoryImbalance.push(mostToMean(this.workers.map(({ loadMb }) => loadMb)));
    }
    return figures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#placement[Symbol.asyncDispose]();
  }

  #ask(fn: CellFunction, waiting: number): void {
    const need = { spec: fn.spec, waiting, routerId: 'r', limitId: POOL_LIMIT_ID };
    const request = create(NeedRequestSchema, need);
    const startedAt = performance.now();
    void this.#door.need(request);
    this.#figures.decisionUs.push((performance.now() - startedAt) * 1_000);
    if (fn.idle > 0) this.#figures.needless += 1;
  }

  #started(worker: CellWorker, { spec, count }: StartCommand): void {
    const fn = this.#byId.get(spec?.key?.functionId ?? '');
    if (!fn) return;
    this.#figures.starts += count;
    worker.change(fn, { starting: count });
    for (let number = 0; number < count; number++) {
      if (this.#filling) fn.gained(worker);
      else this.clock.setTimer(coldStartMs(this.#random), () => fn.gained(worker));
    }
  }

  /** Each worker once a second, a part of them at a time. */
  async #reportFor(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += TICK_MS) {
      const turn = this.#tick++ % TURNS;
      for (let index = turn; index < this.workers.length; index += TURNS) this.workers[index]?.report();
      await this.clock.advance(TICK_MS);
    }
  }
}

const TURNS = 1_000 / TICK_MS;
/** Until what a function may start in ten seconds is there again. */
const SETTLE_SECONDS = 10;

export function none(): CellFigures {
  return {
    calls: 0,
    atOnce: 0,
    freed: 0,
    cold: 0,
    starts: 0,
    decisionUs: [],
    needless: 0,
    imbalance: [],
    memoryImbalance: [],
  };
}

function mostToMean(loads: readonly number[]): number {
  return (Math.max(...loads) * loads.length) / loads.reduce((sum, load) => sum + load, 0);
}

interface Opened {
  readonly placement: Placement;
  readonly door: PlacementDoor;
}

/** A placement that is called directly, so that what is measured is it alone. */
async function openPlacement(options: {
  readonly clock: SimulatedClock;
  readonly random: SeededRandom;
  readonly names: readonly string[];
  readonly slots: number;
}): Promise<Opened> {
  const { clock, random, names, slots } = options;
  const server = new SimulatedRegistryServer({ clock, random });
  const wire = new SimulatedWire({ clock, random, delayMs: { least: 0, most: 0 } });
  const value = Buffer.from(String(SLOTS));
  for (const name of names) {
    const key = grantKey(POOL_LIMIT_ID, name);
    server.transact({ compare: [], write: [{ kind: 'put', key, value }] });
  }
  const served = Promise.withResolvers<PlacementDoor>();
  const link: Pick<Link, 'servePlacement'> = {
    servePlacement: async (address, door) => {
      served.resolve(door);
      return { address, [Symbol.asyncDispose]: async () => undefined };
    },
  };
  const opening = Placement.open({
    id: 'placement',
    address: 'placement',
    link: link as Link,
    registry: new SimulatedRegistry({ server, wire, member: 'placement', clock }),
    config: { accountConcurrency: slots, scalingPer10s: 1_000 },
    clock,
    random,
    logger: createLogger({ level: 'silent', service: 'placement' }),
    telemetry: nullTelemetry(),
  });
  await clock.advance(10);
  return { placement: await opening, door: await served.promise };
}
