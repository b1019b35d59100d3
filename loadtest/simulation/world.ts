import { create } from '@bufbuild/protobuf';
import {
  EnvironmentKeySchema,
  type EnvironmentSpec,
  EnvironmentSpecSchema,
  InvocationKind,
  LogSpecSchema,
} from '@lambent/contracts';
import { isFailure, type Random, SeededRandom, SimulatedClock } from '@lambent/core';
import { EmbeddedNetwork, SimulatedWire, type Wire } from '@lambent/link';
import {
  ACCOUNT_KEY,
  Division,
  decodeAccount,
  decodeLimit,
  GRANTS_PREFIX,
  LIMITS_PREFIX,
  limitIdOf,
  slotsOf,
} from '@lambent/membership';
import {
  decodeKeyPart,
  REGISTRY_NAME,
  type Registry,
  SimulatedRegistry,
  SimulatedRegistryServer,
} from '@lambent/registry';
import { type Granted, LimitsObserver } from './limits-observer.ts';
import { Observer } from './observer.ts';
import { withoutGiverCompare } from './planted-bugs.ts';
import { processLink } from './process-link.ts';
import { SimulatedGateway } from './simulated-gateway.ts';
import { SimulatedOwner } from './simulated-owner.ts';
import { SimulatedPlacement } from './simulated-placement.ts';
import { SimulatedProcess } from './simulated-process.ts';
import { SimulatedWorker } from './simulated-worker.ts';
import { Violation } from './violation.ts';

/** A mistake built in on purpose, to see that the search finds it. */
export const PLANTED_BUGS = [
  'two-writers',
  'no-limit-compare',
  'no-giver-compare',
  'wall-clock-fence',
] as const;
export type PlantedBug = (typeof PLANTED_BUGS)[number];

export interface WorldOptions {
  readonly seed: number;
  readonly planted?: PlantedBug;
  /** Two when left out. */
  readonly gateways?: number;
  readonly tell?: (line: string) => void;
}

/** What a process is made of: time, a way to others, and the registry, each its own. */
export interface Ground {
  readonly process: SimulatedProcess;
  readonly link: ReturnType<typeof processLink>;
  readonly registry: Registry;
}

/** How long grants live: short, so that a run of seconds sees them end. */
const TERM_MS = 5_000;
const GATEWAYS = 2;
const PLACEMENTS = 2;
/** How many functions have reservations now and then. */
const BUSIEST = 3;

/**
 * A cluster on simulated time, with the real routers, placements and workers: some gateways, two placements, up to
 * twenty workers, an owner who changes limits, a registry, and a wire between all of them. Everything that happens follows from the seed.
 */
export class World {
  readonly clock = new SimulatedClock();
  readonly termMs = TERM_MS;
  /** Whether the registry holds up some of what it is asked, longer than anybody waits for it. */
  stalled = false;
  readonly random: Random;
  readonly wire: SimulatedWire;
  readonly registry: SimulatedRegistryServer;
  readonly observer: Observer;
  readonly network: EmbeddedNetwork;
  readonly workers: readonly SimulatedWorker[];
  readonly placements: readonly SimulatedPlacement[];
  readonly gateways: readonly SimulatedGateway[];
  readonly owner: SimulatedOwner;
  readonly functions: readonly EnvironmentSpec[];
  /** The account's limit when nobody changes it. */
  readonly slots: number;
  readonly planted: PlantedBug | undefined;
  readonly tell: (line: string) => void;
  /** The first invariant that did not hold; told by whoever runs the world. */
  violation: Violation | undefined;
  readonly #limits: LimitsObserver;
  readonly #processes = new Map<string, SimulatedProcess>();

  constructor({ seed, planted, gateways = GATEWAYS, tell = () => undefined }: WorldOptions) {
    const random = new SeededRandom(seed);
    const { clock } = this;
    this.random = random;
    this.planted = planted;
    this.tell = tell;
    this.wire = new SimulatedWire({
      clock,
      random,
      delayMs: { least: 0.2, most: 3 + 30 * random.fraction() ** 3 },
    });
    this.registry = new SimulatedRegistryServer({ clock, random });
    this.#limits = new LimitsObserver({ nowMs: () => clock.monotonicMs(), termMs: TERM_MS });
    this.observer = new Observer(this.#limits);
    this.network = new EmbeddedNetwork({ wire: this.#processWire() });
    this.slots = 6 + Math.floor(random.fraction() * 30);
    const workers = 2 + Math.floor(random.fraction() * 19);
    const functions = 1 + Math.floor(random.fraction() * 200);
    this.functions = Array.from({ length: functions }, (_, number) => specOf(number));
    this.#observeRegistry();
    this.placements = numbered(PLACEMENTS, number => new SimulatedPlacement(this, `placement-${number}`));
    this.workers = numbered(workers, number => new SimulatedWorker(this, `worker-${number}`));
    this.gateways = numbered(gateways, number => new SimulatedGateway(this, `gateway-${number}`));
    this.owner = new SimulatedOwner(this, 'owner');
    this.#reserveAtFirst();
  }

  /** A new process of that name; whatever was said to an older one goes nowhere. */
  begin(name: string): Ground {
    const rate = 1 + (this.random.fraction() - 0.5) * 2 * CLOCK_RATE_ERROR;
    const process = new SimulatedProcess(name, this.clock, { rate });
    this.#processes.set(name, process);
    const registry = new SimulatedRegistry({
      server: this.registry,
      wire: this.#processWire(),
      member: name,
      clock: process,
    });
    return { process, link: processLink(process, this.network), registry };
  }

  memberNames(): string[] {
    return [...this.#processes.keys(), REGISTRY_NAME];
  }

  /** Those that get most of the calls. */
  get busiest(): readonly string[] {
    return this.functions.slice(0, BUSIEST).map(({ functionName }) => functionName);
  }

  /** The registry for whoever divides the account, sound or with the planted bug in it. */
  soundOrNot(registry: Registry): Registry {
    return this.planted === 'no-giver-compare' ? withoutGiverCompare(registry) : registry;
  }

  /** Runs something that may find an invariant broken. */
  check<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.violation ??= error;
      return undefined;
    }
  }

  /** One call through one gateway; what it ended in, or undefined where its gateway is gone. */
  async call(gateway: SimulatedGateway, spec: EnvironmentSpec, requestId: string): Promise<string> {
    try {
      const { outcome } = await gateway.router.invoke({
        requestId,
        spec,
        payload: new Uint8Array(),
        invokedArn: spec.functionArn,
        kind: InvocationKind.SYNC,
        attempt: 1,
        logTail: false,
      });
      return outcome.kind;
    } catch (error) {
      if (isFailure(error)) return error.reason;
      throw error;
    }
  }

  /** In half of all worlds, so that everybody has heard of it when the faults come. */
  #reserveAtFirst(): void {
    for (const functionId of this.busiest)
      if (this.random.fraction() < 0.5)
        this.owner.reserve(functionId, Math.floor((this.random.fraction() * this.slots) / BUSIEST));
  }

  #observeRegistry(): void {
    this.registry.watch(1, ({ events }) => {
      const keys = events.map(event => (event.kind === 'put' ? event.entry.key : event.key));
      const isOfSlots = (key: string) =>
        [ACCOUNT_KEY, LIMITS_PREFIX, GRANTS_PREFIX].some(prefix => key.startsWith(prefix));
      if (keys.some(isOfSlots)) this.check(() => this.#limits.changed(this.#division(), this.#granted()));
    });
  }

  #division(): Division {
    const account = this.registry.get(ACCOUNT_KEY);
    const { entries } = this.registry.range(LIMITS_PREFIX);
    const parts = entries.flatMap(entry => {
      const part = decodeLimit(entry);
      return part ? [[limitIdOf(entry.key), part] as const] : [];
    });
    return Division.of((account && decodeAccount(account)?.concurrency) ?? 0, new Map(parts));
  }

  #granted(): Granted {
    const [byLimit, byWorker] = [new Map<string, number>(), new Map<string, number>()];
    for (const entry of this.registry.range(GRANTS_PREFIX).entries) {
      const [limitId = '', worker = ''] = entry.key.slice(GRANTS_PREFIX.length).split('/').map(decodeKeyPart);
      byLimit.set(limitId, (byLimit.get(limitId) ?? 0) + slotsOf(entry));
      byWorker.set(worker, (byWorker.get(worker) ?? 0) + slotsOf(entry));
    }
    return { byLimit, byWorker };
  }

  /** What reaches a process that is frozen waits there; what reaches a dead one is gone. */
  #processWire(): Wire {
    const { wire } = this;
    const at = (name: string) => this.#processes.get(name);
    return {
      carry: (from, to, deliver) => {
        const receiver = at(to);
        if (at(from)?.speaks === false) return;
        const arrive = () => (receiver ? receiver.run(deliver) : deliver());
        // What a slow disk holds up is overtaken by what comes after it.
        const stalls = this.stalled && to === REGISTRY_NAME && this.random.fraction() < STALLED_SHARE;
        if (stalls) this.clock.setTimer(this.random.fraction() * STALL_MS, arrive);
        else wire.carry(from, to, arrive);
      },
      expire: (timeoutMs, late) => wire.expire(timeoutMs, late),
    };
  }
}

const STALLED_SHARE = 0.2;
const STALL_MS = 4_000;
/** Half of what is assumed of any two machines. */
const CLOCK_RATE_ERROR = 0.005;

function numbered<T>(count: number, make: (number: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

function specOf(number: number): EnvironmentSpec {
  const name = `function-${number}`;
  return create(EnvironmentSpecSchema, {
    key: create(EnvironmentKeySchema, { functionId: name, version: '$LATEST', revision: 1n }),
    functionName: name,
    functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    region: 'us-east-1',
    accountId: '000000000000',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    memoryMb: 128,
    timeoutMs: 10_000,
    ephemeralStorageMb: 512,
    codeSha256: 'c0de',
    codeBytes: 1n,
    log: create(LogSpecSchema, { group: `/aws/lambda/${name}` }),
  });
}
