import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { DirectoryBlobs } from '@lambent/blobs';
import {
  type EnlistResponse,
  EnlistResponseSchema,
  EnvironmentKeySchema,
  type EnvironmentSpec,
  EnvironmentSpecSchema,
  type Holding,
  LogSpecSchema,
  type RaiseEnded,
  type WorkerReport,
} from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { createLogger, nullTelemetry, readConfig } from '@lambent/daemon';
import { EmbeddedNetwork, type Stream } from '@lambent/link';
import { encodeRecord, grantKey, limitKey, POOL_LIMIT_ID } from '@lambent/membership';
import { type Registry, SimulatedRegistry, SimulatedRegistryServer, type Write } from '@lambent/registry';
import { zipOf } from '@lambent/testing';
import { WORKER_FIELDS, type WorkerConfig } from './config.ts';
import { HeldLogs } from './held-logs.ts';
import { RUNTIME, type Script, ScriptedSandboxes } from './scripted-runtime.ts';
import { StagedRouter } from './staged-router.ts';
import { openWorker, type Worker } from './worker.ts';
import type { WorkerOptions } from './worker-options.ts';

/** A worker on a simulated clock, with a placement and any number of routers that a test speaks for. */
export class WorkerStage implements AsyncDisposable {
  readonly clock: SimulatedClock;
  readonly sandboxes: ScriptedSandboxes;
  readonly logs: HeldLogs;
  readonly reports: readonly WorkerReport[];
  readonly turns: readonly RaiseEnded[];
  readonly registry: SimulatedRegistryServer;
  readonly worker: Worker;
  readonly spec: EnvironmentSpec;
  readonly #routers: StagedRouter[] = [];
  readonly #directory: string;
  readonly #network: EmbeddedNetwork;
  readonly #placement: { stream: Stream<EnlistResponse> | undefined };

  private constructor(parts: StageParts) {
    this.clock = parts.clock;
    this.sandboxes = parts.sandboxes;
    this.logs = parts.logs;
    this.reports = parts.reports;
    this.turns = parts.turns;
    this.registry = parts.registry;
    this.worker = parts.worker;
    this.spec = parts.spec;
    this.#directory = parts.directory;
    this.#network = parts.network;
    this.#placement = parts.placement;
  }

  /** With as many slots as it may hold. */
  static async open(script: Script = {}, config: Partial<WorkerConfig> = {}): Promise<WorkerStage> {
    const stage = await WorkerStage.openSlotless(script, config);
    await stage.raise(POOL_SLOTS);
    return stage;
  }

  /** Placement has given no turn yet. */
  static async openSlotless(
    script: Script = {},
    config: Partial<WorkerConfig> = {},
    options: Partial<WorkerOptions> = {},
  ): Promise<WorkerStage> {
    const directory = await mkdtemp(join(tmpdir(), 'lambent-worker-'));
    const clock = new SimulatedClock();
    const network = new EmbeddedNetwork();
    const blobs = await DirectoryBlobs.open({ directory: join(directory, 'blobs') });
    const zip = await zipOf({ 'index.js': 'exports.handler = async event => event' });
    await blobs.put(zip);
    const placement: { stream: Stream<EnlistResponse> | undefined } = { stream: undefined };
    const reports: WorkerReport[] = [];
    const turns: RaiseEnded[] = [];
    const random = new SeededRandom(1);
    const registry = new SimulatedRegistryServer({ clock, random });
    const value = encodeRecord({ wanted: POOL_SLOTS, held: POOL_SLOTS });
    registry.transact({ compare: [], write: [{ kind: 'put', key: limitKey(POOL_LIMIT_ID), value }] });
    await network.member('placement').servePlacement('placement:1', {
      need: () => Promise.reject(new Error('routers ask here, workers do not')),
      enlist: stream => {
        placement.stream = stream;
        return {
          message: ({ message }) => {
            if (message.case === 'report') reports.push(message.value);
            else if (message.case === 'raiseEnded') turns.push(message.value);
            stream.send(create(EnlistResponseSchema, { message: { case: 'beat', value: {} } }));
          },
          closed: () => undefined,
        };
      },
    });
    const sandboxes = new ScriptedSandboxes(script);
    const logs = new HeldLogs();
    const worker = await openWorker({
      id: 'worker-1',
      address: 'worker:1',
      place: 'boot/directory',
      placements: async changed => {
        changed(['placement:1']);
        return new AsyncDisposableStack();
      },
      registry: new SimulatedRegistry({ server: registry, wire: directWire(clock), member: 'worker', clock }),
      link: network.member('worker'),
      blobs,
      sandboxes,
      openChannel: sandboxes.openChannel,
      runtimes: [RUNTIME],
      logs,
      codeDirectory: join(directory, 'code'),
      config: { ...readConfig(WORKER_FIELDS, {}), memoryMb: 1_024, ...config },
      clock,
      random,
      logger: createLogger({ level: 'silent', service: 'worker' }),
      telemetry: nullTelemetry(),
      ...options,
    }).catch(async error => {
      await rm(directory, { recursive: true, force: true });
      throw error;
    });
    const spec = specOf(zip);
    const parts = {
      clock,
      sandboxes,
      logs,
      network,
      placement,
      reports,
      turns,
      registry,
      worker,
      spec,
      directory,
    };
    const stage = new WorkerStage(parts);
    await stage.until('the first report', () => reports.length > 0);
    return stage;
  }

  /** Placement's advice. */
  start(count = 1, change: Partial<EnvironmentSpec> = {}): void {
    const start = { spec: { ...this.spec, ...change }, count };
    this.#placement.stream?.send(create(EnlistResponseSchema, { message: { case: 'start', value: start } }));
  }

  /** Placement's word on how many are to be provisioned. */
  provision(count: number, change: Partial<EnvironmentSpec> = {}): void {
    const provision = { spec: { ...this.spec, ...change }, count };
    const message = { case: 'provision', value: provision } as const;
    this.#placement.stream?.send(create(EnlistResponseSchema, { message }));
  }

  /** A turn, over. */
  async raise(slots: number, limitId: string = POOL_LIMIT_ID): Promise<void> {
    const turn = BigInt(this.turns.length + 1);
    const message = { case: 'raise', value: { limitId, slots, turn } } as const;
    this.#placement.stream?.send(create(EnlistResponseSchema, { message }));
    await this.until('the end of the turn', () => this.turns.some(ended => ended.turn === turn));
  }

  lower(slots: number, limitId: string = POOL_LIMIT_ID): void {
    const message = { case: 'lower', value: { limitId, slots } } as const;
    this.#placement.stream?.send(create(EnlistResponseSchema, { message }));
  }

  /** What the registry says that this worker holds. */
  get granted(): number {
    return this.grantedOf(POOL_LIMIT_ID);
  }

  grantedOf(limitId: string): number {
    const entry = this.registry.get(grantKey(limitId, 'worker-1'));
    return entry ? Number(Buffer.from(entry.value).toString()) : 0;
  }

  setLimit(limitId: string, slots: number): void {
    const value = encodeRecord({ wanted: slots, held: slots });
    this.registry.transact({ compare: [], write: [{ kind: 'put', key: limitKey(limitId), value }] });
  }

  /** All of it is there; undefined: it is gone. */
  reserve(functionId: string, slots: number | undefined): void {
    const key = limitKey(functionId);
    const write: Write =
      slots === undefined
        ? { kind: 'delete', key }
        : { kind: 'put', key, value: encodeRecord({ wanted: slots, held: slots, reserved: slots }) };
    this.registry.transact({ compare: [], write: [write] });
  }

  /** The registry as another member sees it. */
  registryOf(member: string): Registry {
    const { clock } = this;
    return new SimulatedRegistry({ server: this.registry, wire: directWire(clock), member, clock });
  }

  /** The same function at another revision. */
  revised(revision: bigint) {
    return { key: create(EnvironmentKeySchema, { functionId: 'function-1', version: '$LATEST', revision }) };
  }

  /** Another function with the same code. */
  other(functionId: string) {
    const key = create(EnvironmentKeySchema, { functionId, version: '$LATEST', revision: 1n });
    return { key, functionName: functionId };
  }

  async router(routerId: string): Promise<StagedRouter> {
    const router = await StagedRouter.connect(this, this.#network, routerId);
    this.#routers.push(router);
    return router;
  }

  /** Lets real files be read and simulated promises settle until `condition` holds. */
  async until(what: string, condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < TURNS_MAX; turn += 1) {
      if (condition()) return;
      await this.clock.advance(0);
    }
    throw new Error(`in vain: ${what}`);
  }

  /** Lets whatever is due happen, then moves the time on. */
  async pass(ms: number): Promise<void> {
    await this.#settle();
    for (let left = ms; left > 0; left -= 1_000) {
      for (const router of this.#routers) router.say({ case: 'heartbeat', value: {} });
      await this.clock.advance(Math.min(left, 1_000));
      await this.#settle();
    }
  }

  async #settle(): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_SETTLE; turn += 1) await this.clock.advance(0);
  }

  /** One idle environment of the function. */
  async warm(router: StagedRouter, count = 1): Promise<void> {
    this.start(count);
    await this.until('an idle environment', () => this.idle >= count);
    await this.clock.advance(10);
    await this.until('its vacancy', () => router.vacancy >= count);
  }

  get idle(): number {
    return this.sandboxes.programs.filter(program => program.cpu.length === 2 && !program.removed).length;
  }

  /** What placement was last told of the function. */
  get holding(): Holding | undefined {
    return this.reports.at(-1)?.holdings.find(({ key }) => key?.functionId === this.spec.key?.functionId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    let closed = false;
    const closing = this.worker[Symbol.asyncDispose]().then(() => {
      closed = true;
    });
    while (!closed) await this.clock.advance(1_000);
    await closing;
    await rm(this.#directory, { recursive: true, force: true });
  }
}

interface StageParts {
  readonly clock: SimulatedClock;
  readonly sandboxes: ScriptedSandboxes;
  readonly logs: HeldLogs;
  readonly network: EmbeddedNetwork;
  readonly placement: { stream: Stream<EnlistResponse> | undefined };
  readonly reports: readonly WorkerReport[];
  readonly turns: readonly RaiseEnded[];
  readonly registry: SimulatedRegistryServer;
  readonly worker: Worker;
  readonly spec: EnvironmentSpec;
  readonly directory: string;
}

/** The way to a registry that is always there. */
function directWire(clock: SimulatedClock) {
  return {
    carry: (_from: string, _to: string, deliver: () => void) => queueMicrotask(deliver),
    expire: (timeoutMs: number, late: () => void) => clock.setTimer(timeoutMs, late),
  };
}

function specOf(zip: Uint8Array): EnvironmentSpec {
  return create(EnvironmentSpecSchema, {
    key: create(EnvironmentKeySchema, { functionId: 'function-1', version: '$LATEST', revision: 7n }),
    functionName: 'hello',
    functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:hello',
    region: 'us-east-1',
    runtime: RUNTIME.identifier,
    handler: 'index.handler',
    memoryMb: 256,
    timeoutMs: 3_000,
    ephemeralStorageMb: 512,
    codeSha256: createHash('sha256').update(zip).digest('hex'),
    codeBytes: BigInt(zip.length),
    log: create(LogSpecSchema, { group: '/aws/lambda/hello' }),
  });
}

/** The account's. */
const POOL_SLOTS = 1_000;
/** Turns of the event loop that real file reads may take. */
const TURNS_MAX = 20_000;
/** More than any chain of simulated promises here takes. */
const TURNS_TO_SETTLE = 10;
