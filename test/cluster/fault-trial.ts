import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import type { TestContext } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import type { ClusterStage } from './cluster-stage.ts';
import { FaultRecord, type Hit } from './fault-record.ts';
import { GrpcDoor } from './grpc-door.ts';
import { HttpDoor, openLambdaClient } from './http-door.ts';
import { NatsDoor, openNatsClient } from './nats-door.ts';
import { COUNTED_FUNCTION } from './run-counter.ts';
import { type Door, SteadyLoad } from './steady-load.ts';

export interface Fault {
  /** Without spaces: it begins the keys of its calls. */
  readonly name: string;
  /** Resolves with whom it hit when the fault is over; what died may still be coming back. */
  readonly strike: () => Promise<Hit>;
}

/** Of the load: through each of eight doors. */
const EVERY_MS = 400;
const HOLD_MS = 300;
/** Longer than any fault here: what was under way when it came can still end well. */
const FUNCTION_TIMEOUT_SECONDS = 20;
/** What is promised is 10 s; these tests are about what is right, on machines that have other things to do. */
const BACK_MS_MAX = 3 * 10_000;
/** Good for so long without a break is good for good. */
const STEADY_MS = 2_000;
/** Between a load's start and its fault: somewhere in between, so that each run strikes at other moments. */
const BEFORE_MS = { least: 1_000, most: 2_500 };
/** Given to repeat a run. */
const SEED = 'LAMBENT_TEST_SEED';
/**
 * An event whose first try was lost with its worker is repeated past that one's deadline, and then as late again as it
 * is old by then. Three times that.
 */
const ALL_RUN_MS = 3 * 2 * FUNCTION_TIMEOUT_SECONDS * 1_000;

/** The load that every fault of a stage is tried under. */
export class FaultTrial implements AsyncDisposable {
  readonly #stage: ClusterStage;
  readonly #doors: readonly Door[];
  readonly #crowd: Door;
  readonly #stack: AsyncDisposableStack;
  readonly #seed = Number(process.env[SEED] ?? randomInt(2 ** 32));
  readonly #random = new SeededRandom(this.#seed);

  private constructor(stage: ClusterStage, { doors, crowd }: Doors, stack: AsyncDisposableStack) {
    this.#stage = stage;
    this.#doors = doors;
    this.#crowd = crowd;
    this.#stack = stack;
  }

  /** Deploys the function, opens every door, and lets the load run for a moment: what is hit is warm. */
  static async open(stage: ClusterStage): Promise<FaultTrial> {
    await using stack = new AsyncDisposableStack();
    const opened = await openDoors(stage, stack);
    const { doors } = opened;
    await using load = new SteadyLoad({ name: 'warm-up', doors, everyMs: EVERY_MS });
    await waitFor(
      'the load to run well',
      () => load.calls.filter(({ outcome }) => outcome === 'ok').length > WARM,
    );
    await load.stop();
    return new FaultTrial(stage, opened, stack.move());
  }

  /** Strikes under load and prints the counts; fails with every promise that was broken, and the logs. */
  async run(t: TestContext, { name, strike }: Fault): Promise<void> {
    const { counter, slots } = this.#stage;
    await spread(this.#crowd, name);
    counter.forgetMost();
    await using load = new SteadyLoad({ name, doors: this.#doors, everyMs: EVERY_MS });
    await elapsed(BEFORE_MS.least + this.#random.fraction() * (BEFORE_MS.most - BEFORE_MS.least));
    const beganMs = performance.now();
    const hit = await strike();
    const endedMs = performance.now();
    const record = () =>
      new FaultRecord({
        hit,
        calls: load.calls,
        runsOf: key => counter.runsOf(key),
        workerAt: address => this.#stage.nameAt(address),
        beganMs,
        endedMs,
        nowMs: performance.now(),
        most: counter.most,
        mostBetween: (fromMs, toMs) => counter.mostBetween(fromMs, toMs),
        slots,
      });
    await waitFor('goodput', () => performance.now() - endedMs > record().backMs + STEADY_MS, {
      timeoutMs: BACK_MS_MAX + STEADY_MS,
    }).catch(tolerate);
    await load.stop();
    await waitFor('accepted events to run', () => record().unrun.length === 0, {
      timeoutMs: ALL_RUN_MS,
    }).catch(tolerate);
    t.diagnostic(`${name}: ${record().line}; ${SEED}=${this.#seed}`);
    const violations = record().violations({ backMsMax: BACK_MS_MAX });
    if (violations.length > 0) t.diagnostic(this.#stage.logs());
    assert.deepEqual(violations.slice(0, VIOLATIONS_TOLD), []);
    await this.#stage.ready();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** So much at once that every worker has environments afterwards, and so every one of them something to lose. */
async function spread(door: Door, name: string): Promise<void> {
  await Promise.all(Array.from({ length: SPREAD }, (_, index) => door.send(`${name}/spread/${index}`)));
}

/** More than two workers may have in flight. */
const SPREAD = 21;
/** Until the last of them has started, also where it starts cold. */
const SPREAD_HOLD_MS = 1_500;
/** Answers through all doors together, before the first fault. */
const WARM = 40;
const VIOLATIONS_TOLD = 20;

/** The record says what did not come, and what else. */
function tolerate(): void {}

export async function elapsed(durationMs: number): Promise<void> {
  const startedMs = performance.now();
  await waitFor('time to pass', () => performance.now() - startedMs >= durationMs, {
    timeoutMs: durationMs + 10_000,
  });
}

interface Doors {
  readonly doors: readonly Door[];
  /** For calls that take long. */
  readonly crowd: Door;
}

async function openDoors(stage: ClusterStage, stack: AsyncDisposableStack): Promise<Doors> {
  const { certificates, nats } = stage.foundation;
  const certificate = await certificates.filesOf('client');
  const { gateways } = stage;
  const clients = gateways.map(gateway => stack.adopt(openLambdaClient(gateway), client => client.destroy()));
  const [first] = clients;
  assert.ok(first);
  const { name: functionName } = await deploy(first, {
    name: 'counted',
    files: COUNTED_FUNCTION,
    timeoutSeconds: FUNCTION_TIMEOUT_SECONDS,
    variables: { COUNTER: stage.counter.address },
  });
  const target = { functionName, holdMs: HOLD_MS };
  const addresses = nats.map(({ address }) => address);
  const natsClient = stack.adopt(await openNatsClient(addresses, certificate), client => client.close());
  const doors: Door[] = [];
  for (const [index, gateway] of gateways.entries()) {
    const client = clients[index] ?? first;
    doors.push(new HttpDoor(client, { ...target, gateway: gateway.name, kind: 'sync' }));
    doors.push(new HttpDoor(client, { ...target, gateway: gateway.name, kind: 'async' }));
    doors.push(stack.use(await GrpcDoor.open({ ...target, gateway, certificate })));
  }
  doors.push(new NatsDoor(natsClient, { ...target, kind: 'sync' }));
  doors.push(new NatsDoor(natsClient, { ...target, kind: 'async' }));
  const long = { ...target, holdMs: SPREAD_HOLD_MS, gateway: 'gateway-1', kind: 'sync' } as const;
  return { doors, crowd: new HttpDoor(first, long) };
}
