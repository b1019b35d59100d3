/** Slots while etcd is silent: they are a worker's own for the term of its grants, and nobody's twice after it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { ClusterStage } from './cluster-stage.ts';
import { elapsed, FaultTrial } from './fault-trial.ts';
import { HttpDoor, openLambdaClient } from './http-door.ts';
import { COUNTED_FUNCTION } from './run-counter.ts';
import { SteadyLoad } from './steady-load.ts';

const WITHOUT_MS = 20_000;
const SHORT_TERM_MS = 5_000;
/** So many may be in flight, and twice as many want to. */
const SLOTS = 4;
const HOLD_MS = 600;
const EVERY_MS = HOLD_MS / (2 * SLOTS);

test('with etcd and every placement dead warm calls go on as before', async t => {
  await using stage = await ClusterStage.open({ settings: { LAMBENT_GRANTS_TERM_MS: '120000' } });
  await using trial = await FaultTrial.open(stage);
  await trial.run(t, {
    name: 'etcd-and-placement-dead',
    strike: async () => {
      await killRegistryAndPlacement(stage);
      await elapsed(WITHOUT_MS);
      await reviveRegistryAndPlacement(stage);
      return {};
    },
  });
});

test('with a short term they stop before it ends, and begin again when etcd is back', async t => {
  await using stage = await ClusterStage.open({
    members: { gateway: 1, placement: 1, worker: 1, events: 1 },
    settings: { LAMBENT_GRANTS_TERM_MS: String(SHORT_TERM_MS) },
  });
  await using load = await openLoad(stage);
  await waitFor('the load to run', () => load.calls.some(({ outcome }) => outcome === 'ok'));
  await killRegistryAndPlacement(stage);
  const deadMs = performance.now();
  await elapsed(SHORT_TERM_MS);
  assert.equal(stage.counter.inFlight, 0, 'what still ran was killed');
  await elapsed(SHORT_TERM_MS);
  const backMs = performance.now();
  await reviveRegistryAndPlacement(stage);
  const begun = () =>
    load.calls.flatMap(({ key }) => stage.counter.runsOf(key)).map(({ beganMs }) => beganMs);
  await waitFor('runs after the silence', () => begun().some(ms => ms > backMs), { timeoutMs: 30_000 });
  await load.stop();
  const silent = begun().filter(ms => ms > deadMs && ms < backMs);
  const last = Math.round(Math.max(...silent) - deadMs);
  const first = Math.round(Math.min(...begun().filter(ms => ms > backMs)) - backMs);
  t.diagnostic(
    `term ${SHORT_TERM_MS} ms: ${silent.length} runs began while etcd was dead, the last after ${last} ms; ` +
      `again ${first} ms after its return; in flight at most ${stage.counter.most} of ${stage.slots}; ` +
      `callers were told ${JSON.stringify(outcomesOf(load))}`,
  );
  assert.deepEqual(
    load.calls.filter(({ outcome }) => outcome === 'WrongAnswer'),
    [],
  );
  assert.ok(silent.length > 0 && last < SHORT_TERM_MS);
  assert.ok(stage.counter.most <= stage.slots);
});

test('another worker takes the slots of one that is cut off from etcd, and nothing overlaps', async t => {
  await using stage = await ClusterStage.open({
    members: { gateway: 1, placement: 1, worker: 2, events: 1 },
    settings: {
      LAMBENT_GRANTS_TERM_MS: String(SHORT_TERM_MS),
      LAMBENT_ACCOUNT_CONCURRENCY: String(SLOTS),
      LAMBENT_WORKER_SLOTS: String(SLOTS),
    },
  });
  const { counter } = stage;
  await using load = await openLoad(stage);
  const workers = stage.members.filter(({ role }) => role === 'worker').map(({ host }) => host);
  const holder = await waitFor('a worker to hold slots', () =>
    workers.find(({ address }) => counter.inFlightAt(address) >= SLOTS / 2),
  );
  const other = workers.find(worker => worker !== holder);
  assert.ok(other);
  const etcd = stage.host('etcd-1');
  const { network } = stage.foundation;
  const heldBefore = counter.inFlightAt(other.address);
  await network.cut(holder, etcd);
  await network.cut(etcd, holder);
  const cutMs = performance.now();
  await waitFor('the other to use every slot', () => counter.inFlightAt(other.address) === SLOTS, {
    timeoutMs: 6 * SHORT_TERM_MS,
  });
  const takenMs = Math.round(performance.now() - cutMs);
  await elapsed(2 * HOLD_MS);
  await network.mend(holder, etcd);
  await network.mend(etcd, holder);
  await elapsed(2 * SHORT_TERM_MS);
  await load.stop();
  const ranAt = (address: string) =>
    load.calls.flatMap(({ key }) => counter.runsOf(key)).filter(({ from }) => from.endsWith(address));
  const last = Math.max(
    ...ranAt(holder.address)
      .map(({ beganMs }) => beganMs)
      .filter(ms => ms < cutMs + takenMs),
  );
  t.diagnostic(
    `${holder.name} was cut off and began its last run ${Math.round(last - cutMs)} ms later; ${other.name}, ` +
      `which used ${heldBefore} slots, used all ${SLOTS} after ${takenMs} ms; in flight at most ${counter.most} of ${SLOTS}`,
  );
  assert.ok(last - cutMs < SHORT_TERM_MS);
  assert.ok(counter.most <= SLOTS, `${counter.most} in flight`);
  assert.deepEqual(
    load.calls.filter(({ key }) => counter.runsOf(key).length > 1),
    [],
  );
});

function outcomesOf({ calls }: SteadyLoad): Record<string, number> {
  const groups = Map.groupBy(calls, ({ outcome = 'nothing' }) => outcome);
  return Object.fromEntries([...groups].map(([outcome, those]) => [outcome, those.length]));
}

/** More than may be in flight at once. */
async function openLoad(stage: ClusterStage): Promise<SteadyLoad> {
  const [gateway] = stage.gateways;
  assert.ok(gateway);
  const client = openLambdaClient(gateway);
  const variables = { COUNTER: stage.counter.address };
  const { name } = await deploy(client, { name: 'counted', files: COUNTED_FUNCTION, variables });
  const target = { gateway: gateway.name, kind: 'sync', functionName: name, holdMs: HOLD_MS } as const;
  return new SteadyLoad({ name: 'crowd', doors: [new HttpDoor(client, target)], everyMs: EVERY_MS });
}

async function killRegistryAndPlacement({ foundation, members }: ClusterStage): Promise<void> {
  const placements = members.filter(({ role }) => role === 'placement');
  await Promise.all([
    ...foundation.etcd.map(({ engine }) => engine.server.kill9()),
    ...placements.map(placement => placement.fell()),
  ]);
}

async function reviveRegistryAndPlacement({ foundation, members }: ClusterStage): Promise<void> {
  for (const placement of members.filter(({ role }) => role === 'placement')) placement.revive();
  await Promise.all(foundation.etcd.map(({ engine }) => engine.restart()));
}
