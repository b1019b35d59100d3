import { GetFunctionConfigurationCommand, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import type { Clock } from '@lambent/core';
import { startFloor } from '../floors/start-floor.ts';
import { DeployedFunctions, type FunctionPlan } from '../load/deployed-functions.ts';
import { type Addresses, Installation } from '../load/installation.ts';
import { acceptAny, acceptEvent, expectEcho } from '../load/outcome.ts';
import type { Target } from '../load/target.ts';
import type { Scenario, TargetPlan } from '../scenarios/scenario.ts';
import { Refusal } from './refusal.ts';

export interface OpenOptions {
  readonly scenario: Scenario;
  /** Of an installation that is there; one is started when left out. */
  readonly addresses?: Addresses | undefined;
  /** Whether the scenario's functions are created where `addresses` leads, with this role. */
  readonly deployRole?: string | undefined;
  readonly clock: Clock;
}

/** A target, and how many functions it leads to. */
export interface OpenedTarget {
  readonly target: Target;
  readonly copies: number;
}

export interface OpenedTargets extends AsyncDisposable {
  readonly targets: readonly OpenedTarget[];
}

/** Opens everything that a scenario loads; refuses, with nothing left open, where a part of it cannot be had. */
export async function openTargets(options: OpenOptions): Promise<OpenedTargets> {
  const { scenario, addresses, deployRole } = options;
  await using stack = new AsyncDisposableStack();
  const needed = scenario.targets.some(({ door }) => door !== undefined);
  const installation = needed ? stack.use(await provide(scenario, addresses)) : undefined;
  if (installation) {
    const plans = Object.entries(scenario.functions).flatMap(([key, plan]) =>
      plan.existing === undefined ? namesOf(scenario, key).map(name => ({ ...plan, name })) : [],
    );
    if (!addresses || deployRole !== undefined) await deploy(plans, { installation, deployRole, stack });
    else await requireFunctions(scenario, installation);
  }
  const targets: OpenedTarget[] = [];
  for (const plan of scenario.targets) targets.push(await open(plan, { ...options, installation, stack }));
  const opened = stack.move();
  return { targets, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function provide(scenario: Scenario, addresses: Addresses | undefined): Promise<Installation> {
  const missing = (door: string) =>
    addresses
      ? `no address for ${door}: give --${door} as well`
      : `lambent ${scenario.installation} has no ${door}: "installation": "cluster" has`;
  const found = addresses ? Installation.attach(addresses) : await start(scenario.installation);
  for (const { door } of scenario.targets) {
    if (door === undefined || found.has(door)) continue;
    await found[Symbol.asyncDispose]();
    throw new Refusal(missing(door));
  }
  return found;
}

function start(kind: Scenario['installation']): Promise<Installation> {
  return kind === 'up' ? Installation.startUp() : Installation.startCluster();
}

async function deploy(
  plans: readonly FunctionPlan[],
  options: { installation: Installation; deployRole: string | undefined; stack: AsyncDisposableStack },
): Promise<void> {
  const { installation, deployRole, stack } = options;
  const deployed = DeployedFunctions.deploy(installation.client, plans, deployRole);
  stack.use(await deployed.catch(cause => explain(cause, installation)));
}

async function requireFunctions(scenario: Scenario, installation: Installation): Promise<void> {
  for (const key of Object.keys(scenario.functions)) {
    for (const FunctionName of namesOf(scenario, key)) {
      const asked = installation.client.send(new GetFunctionConfigurationCommand({ FunctionName }));
      await asked.catch(cause => {
        if (!(cause instanceof ResourceNotFoundException)) return explain(cause, installation);
        const hint =
          scenario.functions[key]?.existing === undefined ? '; --deploy creates it for the run' : '';
        throw new Refusal(`the function ${FunctionName} is not there${hint}`, { cause });
      });
    }
  }
}

function explain(cause: unknown, { addresses }: Installation): never {
  const { name, message, code } = cause as { name: string; message: string; code?: string };
  const why = code === 'ECONNREFUSED' ? 'nobody listens there' : `${name}: ${message}`;
  throw new Refusal(`${addresses.origin} refuses: ${why}`, { cause });
}

/** As the functions of a scenario are called where they run. */
function namesOf(scenario: Scenario, key: string): readonly string[] {
  const { existing, copies = 1 } = scenario.functions[key] ?? {};
  if (existing !== undefined) return [existing];
  if (copies === 1) return [`loadtest-${key}`];
  return Array.from({ length: copies }, (_, copy) => `loadtest-${key}-${copy + 1}`);
}

async function open(
  plan: TargetPlan,
  options: OpenOptions & { installation: Installation | undefined; stack: AsyncDisposableStack },
): Promise<OpenedTarget> {
  const { scenario, clock, installation, stack } = options;
  const event = Buffer.from(JSON.stringify(scenario.event));
  const shared = {
    name: plan.name,
    event,
    connectionsMax: connectionsOf(scenario),
    patienceMs: scenario.patienceSeconds * 1_000,
  };
  if (plan.floor !== undefined) return { target: stack.use(await startFloor(plan.floor, shared)), copies: 1 };
  const { door = 'http', function: key = '', asynchronous } = plan;
  const { existing, logTail = false } = scenario.functions[key] ?? {};
  const functionNames = namesOf(scenario, key);
  const judge = asynchronous ? acceptEvent : existing === undefined ? expectEcho(event) : acceptAny;
  const opened = installation?.open(door, { ...shared, clock, functionNames, judge, logTail, asynchronous });
  if (!opened) throw new Error('a door without an installation');
  return { target: stack.use(await opened), copies: functionNames.length };
}

/** So many as calls may be under way at once: none waits for a connection. */
function connectionsOf({ phases }: Scenario): number {
  return Math.max(...phases.map(({ callers, outstandingMax }) => callers ?? outstandingMax));
}
