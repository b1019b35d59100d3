/** Limits, measured in the functions, while many routers race for every slot and the ground moves. */
import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { ClusterStage } from './cluster-stage.ts';
import { elapsed } from './fault-trial.ts';
import { openLambdaClient } from './http-door.ts';
import { Reservation } from './reservation.ts';
import { type Ends, type RacePlan, RouterRaces } from './router-races.ts';
import { COUNTED_FUNCTION } from './run-counter.ts';

/** A worker that is cut off from etcd may use what it has for so long. */
const TERM_MS = 15_000;
/** Cold starts of dozens of environments on two busy cores. */
const REACHED_MS = 90_000;
/** How long what is certain is looked at. */
const WATCHED_MS = 4_000;
const HOLD_MS = 300;
/** Of a crowd that only has to be there. */
const LONG_HOLD_MS = 1_500;
/** Fifty-one routers in three processes. */
const RACE = { processes: 3, routers: 17, calls: 1, holdMs: HOLD_MS } as const;
/** A few more calls than an account of so many slots can take. */
const CROWD = { processes: 3, routers: 4, calls: 10, holdMs: LONG_HOLD_MS } as const;
/** AWS keeps a hundred for functions of which nothing is reserved. */
const UNRESERVED = 100;

suite('a limit that fifty-one routers in three processes race for', () => {
  let stage: LimitStage;
  before(async () => {
    stage = await LimitStage.open({ worker: 5, slots: UNRESERVED + 50 });
  });
  after(() => stage?.[Symbol.asyncDispose]());

  test('20 slots over five workers are used, and never one more', async t => {
    await using reservation = await stage.reserve('still');
    await reservation.put(20);
    await using races = await stage.race({ ...RACE, functionName: 'still' });
    await reach(reservation, 20);
    await elapsed(WATCHED_MS);
    report(t, reservation, await races.stop());
  });

  test('they hold while the limit moves, a worker is cut off, another one stopped and a placement killed', async t => {
    await using reservation = await stage.reserve('moved');
    await reservation.put(20);
    await using races = await stage.race({ ...RACE, functionName: 'moved' });
    await reach(reservation, 20);
    await reservation.put(5);
    await reach(reservation, 5, 'at most');
    const { cluster } = stage;
    const { network } = cluster.foundation;
    const [cut, etcd] = [cluster.busiestWorker.host, cluster.host('etcd-1')];
    await network.cut(cut, etcd);
    await network.cut(etcd, cut);
    await reservation.put(50);
    await reach(reservation, 30);
    const stopped = await cluster.member(cut.name === 'worker-1' ? 'worker-2' : 'worker-1').keptPid();
    process.kill(stopped, 'SIGSTOP');
    await cluster.member('placement-1').fell();
    await reservation.put(20);
    await elapsed(WATCHED_MS);
    process.kill(stopped, 'SIGCONT');
    cluster.member('placement-1').revive();
    await reach(reservation, 20, 'at most');
    await reservation.put(0);
    await reach(reservation, 0, 'at most');
    await network.mend(cut, etcd);
    await network.mend(etcd, cut);
    await elapsed(WATCHED_MS);
    assert.equal(reservation.inFlight, 0, 'nothing runs of what nothing is reserved for');
    await reservation.put(20);
    await reach(reservation, 20);
    report(t, reservation, await races.stop());
    await cluster.ready();
  });
});

test('a reservation comes, changes and goes while the account is used up', async t => {
  const slots = UNRESERVED + 10;
  await using stage = await LimitStage.open({ worker: 3, slots });
  const { counter } = stage.cluster;
  await using reservation = await stage.reserve('favoured');
  await stage.deploy('crowd');
  await using crowd = await stage.race({ ...CROWD, functionName: 'crowd' });
  await waitFor('the account to be used up', () => counter.inFlight === slots, { timeoutMs: REACHED_MS });
  await using races = await stage.race({ ...RACE, functionName: 'favoured', processes: 1 });
  await reservation.put(10);
  await reach(reservation, 10);
  await reservation.put(4);
  await reach(reservation, 4, 'at most');
  await reservation.remove();
  await elapsed(WATCHED_MS);
  const ends = await races.stop();
  await crowd.stop();
  assert.ok(counter.most <= slots, `${counter.most} in flight of ${slots}`);
  report(t, reservation, ends);
});

/** A cluster with so many slots, and functions that are counted. */
class LimitStage implements AsyncDisposable {
  readonly cluster: ClusterStage;
  readonly #client: LambdaClient;

  private constructor(cluster: ClusterStage) {
    this.cluster = cluster;
    this.#client = openLambdaClient(cluster.host('gateway-1'));
  }

  static async open({ worker, slots }: { readonly worker: number; readonly slots: number }) {
    const settings = {
      LAMBENT_ACCOUNT_CONCURRENCY: String(slots),
      LAMBENT_WORKER_SLOTS: '60',
      LAMBENT_GRANTS_TERM_MS: String(TERM_MS),
    };
    const members = { gateway: 1, placement: 2, worker, events: 1 };
    return new LimitStage(await ClusterStage.open({ members, settings }));
  }

  async deploy(name: string): Promise<void> {
    const variables = { COUNTER: this.cluster.counter.address };
    await deploy(this.#client, { name, files: COUNTED_FUNCTION, timeoutSeconds: 20, variables });
  }

  async reserve(name: string): Promise<Reservation> {
    await this.deploy(name);
    const keys = `${name}-`;
    return await Reservation.watch({ stage: this.cluster, client: this.#client, functionName: name, keys });
  }

  race(plan: RacePlan): Promise<RouterRaces> {
    return RouterRaces.start(this.cluster, plan);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
    await this.cluster[Symbol.asyncDispose]();
  }
}

/** As many run, or no more than that: what runs already may end, and a worker that is cut off may use up its term. */
async function reach(
  reservation: Reservation,
  slots: number,
  how: 'at least' | 'at most' = 'at least',
): Promise<void> {
  const reached = () => (how === 'at least' ? reservation.inFlight >= slots : reservation.inFlight <= slots);
  await waitFor(`${how} ${slots} in flight`, reached, { timeoutMs: REACHED_MS });
}

function report(t: TestContext, reservation: Reservation, ends: Ends): void {
  t.diagnostic(`ended ${JSON.stringify(ends)}`);
  assert.deepEqual(reservation.violations, []);
  assert.ok((ends['ok'] ?? 0) > 0);
}
