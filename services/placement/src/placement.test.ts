import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { HoldingSchema, type NeedResponse, NeedVerdict } from '@lambent/contracts';
import { isFailure } from '@lambent/core';
import { byRendezvous, encodeRecord, memberKey, POOL_LIMIT_ID } from '@lambent/membership';
import { KEY, PlacementStage } from './placement-stage.ts';

test('a need becomes start commands to the worker that enlisted, once for all routers together', async () => {
  await using stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  assert.equal((await stage.need(2, { router: 'r-1' })).starting, 2);
  assert.equal((await stage.need(1, { router: 'r-2' })).starting, 3);
  assert.equal((await stage.need(2, { router: 'r-1' })).starting, 3);
  assert.deepEqual(worker.started, [2, 1]);
});

test('a router that has fallen silent is no longer counted', async () => {
  await using stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  await stage.need(4, { router: 'r-1' });
  await stage.clock.advance(1_000);
  await worker.report();
  assert.equal((await stage.need(1, { router: 'r-2' })).starting, 1);
});

test('a worker whose stream closed gets nothing more, and a need without workers says so', async () => {
  await using stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.leave();
  assert.equal((await stage.need(1)).verdict, NeedVerdict.NO_WORKER);
});

test('a function that grows too fast is told so for those who would need one more environment', async () => {
  await using stage = await opened({ scalingPer10s: 20 });
  const worker = stage.worker('w-1', { memoryMbFree: 128n * 100n });
  await worker.enlist();
  await worker.holds(100);
  assert.deepEqual(pick(await stage.need(15)), [NeedVerdict.STARTING, 15]);
  assert.deepEqual(pick(await stage.need(30)), [NeedVerdict.RATE, 20]);
  assert.deepEqual(pick(await stage.need(20)), [NeedVerdict.STARTING, 20]);
  await stage.clock.advance(1_000);
  assert.deepEqual(pick(await stage.need(24)), [NeedVerdict.RATE, 22]);
  assert.deepEqual(worker.started, [15, 5, 2]);
});

test('once a newer configuration was asked for, who waits for an older one is told so, and nothing starts', async () => {
  await using stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  await stage.need(1, { router: 'r-1' });
  const newer = { router: 'r-2', revision: 2n };
  assert.equal((await stage.need(1, newer)).verdict, NeedVerdict.STARTING);
  assert.equal((await stage.need(2, { router: 'r-1' })).verdict, NeedVerdict.STALE);
  assert.equal((await stage.need(1, newer)).verdict, NeedVerdict.STARTING);
  assert.deepEqual(worker.started, [1, 1]);
});

test('the account’s limit is written at the start, and by whoever starts last', async () => {
  await using stage = await opened({ slots: 10 });
  await stage.place('another', { slots: 20 });
  assert.deepEqual(await stage.limit(POOL_LIMIT_ID), { wanted: 20, held: 20 });
});

test('who wants slots takes its turn, in blocks of what is free, one worker after the other', async () => {
  await using stage = await opened({ slots: 200 });
  const [one, other] = [stage.worker('w-1'), stage.worker('w-2')];
  await one.enlist();
  await other.enlist();
  await one.holds(0, 0, 40);
  await other.holds(0, 0, 1);
  assert.deepEqual([one.raises.length, other.raises.length], [1, 0]);
  assert.equal(one.raises[0]?.slots, 16);
  await one.holds(16, 0, 24);
  await one.endTurn(16);
  assert.equal(other.raises.length, 1);
  assert.equal(one.raises.length, 1);
  await other.endTurn(0);
  assert.equal(one.raises.length, 2);
});

test('a worker that is told to start more than it has slots for gets its turn with it', async () => {
  await using stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.holds(1);
  await stage.need(1);
  assert.equal(worker.raises.length, 0);
  await stage.need(2);
  assert.equal(worker.raises.length, 1);
});

test('a turn that nobody ends passes on after a second', async () => {
  await using stage = await opened();
  const [frozen, other] = [stage.worker('w-1'), stage.worker('w-2')];
  await frozen.enlist();
  await other.enlist();
  await frozen.holds(0, 0, 1);
  await other.holds(0, 0, 1);
  assert.equal(other.raises.length, 0);
  await stage.clock.advance(1_000);
  assert.equal(other.raises.length, 1);
});

test('a worker that raised in vain is not asked again at once', async () => {
  await using stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.holds(0, 0, 1);
  await worker.endTurn(0);
  await worker.report();
  assert.equal(worker.raises.length, 1);
  await stage.clock.advance(250);
  await worker.report();
  assert.equal(worker.raises.length, 2);
});

test('there are no turns while nothing is free, and at once when something is', async () => {
  await using stage = await opened({ slots: 10 });
  const [holder, other] = [stage.worker('w-1'), stage.worker('w-2')];
  await holder.enlist();
  await other.enlist();
  await holder.holds(10, 10);
  await other.holds(0, 0, 1);
  assert.equal(other.raises.length, 0);
  await holder.holds(9, 9);
  assert.equal(other.raises[0]?.slots, 1);
});

test('429 is said only after a wait that outlasted the reports, and then at once', async () => {
  await using stage = await opened({ slots: 10 });
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.holds(10, 10);
  await stage.clock.advance(600);
  assert.equal((await stage.need(1)).verdict, NeedVerdict.NO_ROOM);
  await stage.clock.advance(250);
  assert.equal((await stage.need(1, { waitedMs: 252 })).verdict, NeedVerdict.NO_ROOM);
  await stage.clock.advance(250);
  assert.equal((await stage.need(1, { waitedMs: 504 })).verdict, NeedVerdict.LIMIT);
  assert.equal((await stage.need(1, { router: 'r-2' })).verdict, NeedVerdict.LIMIT);
});

test('429 is said to those only for whom there is no slot, though what starts for others has taken them all', async () => {
  await using stage = await opened({ slots: 8 });
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.holds(8);
  const other = { ...KEY, functionId: 'g' } as typeof KEY;
  await worker.report({ holdings: [create(HoldingSchema, { key: other, starting: 8 })] });
  assert.equal((await stage.need(16)).verdict, NeedVerdict.NO_ROOM);
  await stage.clock.advance(500);
  const { verdict, starting } = await stage.need(16, { waitedMs: 500 });
  assert.deepEqual({ verdict, starting }, { verdict: NeedVerdict.LIMIT, starting: 8 });
  assert.equal((await stage.need(3, { router: 'r-2' })).starting, 3);
});

test('a slot that was unused meanwhile begins the proof anew', async () => {
  await using stage = await opened({ slots: 10 });
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.holds(10, 10);
  await stage.clock.advance(100);
  await worker.holds(10, 9);
  await stage.clock.advance(100);
  await worker.holds(10, 10);
  await stage.clock.advance(300);
  assert.equal((await stage.need(1, { waitedMs: 500 })).verdict, NeedVerdict.NO_ROOM);
});

test('slots for what starts are not used: who waits for something else is not refused for them', async () => {
  await using stage = await opened({ slots: 2 });
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.holds(2, 1);
  await stage.clock.advance(600);
  const other = { ...KEY, functionId: 'g' } as typeof KEY;
  await worker.report({ holdings: [create(HoldingSchema, { key: other, starting: 1 })] });
  assert.equal((await stage.need(1, { waitedMs: 600 })).verdict, NeedVerdict.NO_ROOM);
});

test('at the limit who holds idle slots gives them back, and they go to where something can start', async () => {
  await using stage = await opened({ slots: 10 });
  const hoarding = stage.worker('w-1', { memoryMbFree: 0n });
  const able = stage.worker('w-2');
  await hoarding.enlist();
  await able.enlist();
  await hoarding.holds(10, 4);
  assert.equal((await stage.need(2, { waitedMs: 1_000 })).verdict, NeedVerdict.NO_ROOM);
  assert.deepEqual(hoarding.lowered, [8]);
  await hoarding.holds(8, 4);
  assert.equal((await stage.need(2, { waitedMs: 1_250 })).verdict, NeedVerdict.STARTING);
  assert.deepEqual(able.started, [2]);
  await able.holds(0, 0, 2);
  assert.equal(able.raises.length, 1);
});

test('when a limit falls each holder is told its part until the sum fits', async () => {
  await using stage = await opened({ slots: 30 });
  const [one, other] = [stage.worker('w-1'), stage.worker('w-2')];
  await one.enlist();
  await other.enlist();
  await one.holds(20, 20);
  await other.holds(10, 0);
  await stage.setLimit(10);
  assert.deepEqual([one.lowered, other.lowered], [[6], [3]]);
  await other.holds(3, 0);
  await stage.clock.advance(2_000);
  assert.deepEqual([one.lowered, other.lowered], [[6, 6, 6], [3]]);
  await one.holds(6, 6);
  await stage.clock.advance(2_000);
  assert.deepEqual([one.lowered.length, other.lowered.length], [3, 1]);
});

test('a replica that hears fewer than nine of ten workers says so, and how many, instead of advising', async () => {
  await using stage = new PlacementStage();
  for (let number = 1; number <= 10; number++) await stage.join(`w-${number}`);
  await stage.place();
  const workers = Array.from({ length: 9 }, (_, index) => stage.worker(`w-${index + 1}`));
  for (const worker of workers.slice(0, 8)) await worker.enlist();
  const { verdict, heard } = await stage.need(1);
  assert.deepEqual([verdict, heard], [NeedVerdict.BLIND, 8]);
  await workers[8]?.enlist();
  assert.equal((await stage.need(1)).verdict, NeedVerdict.STARTING);
  await stage.clock.advance(3_001);
  assert.equal((await stage.need(1)).verdict, NeedVerdict.BLIND);
});

test('a worker whose session is over is missed by nobody', async () => {
  await using stage = new PlacementStage();
  await stage.join('w-1');
  await stage.join('gone');
  await stage.place();
  await stage.worker('w-1').enlist();
  assert.equal((await stage.need(1)).verdict, NeedVerdict.BLIND);
  await stage.miss('gone');
  assert.equal((await stage.need(1)).verdict, NeedVerdict.STARTING);
});

test('where no replica hears enough, one advises with the workers it hears, two seconds after its start', async () => {
  await using stage = new PlacementStage();
  await stage.join('w-1');
  await stage.join('w-2');
  await stage.place();
  const worker = stage.worker('w-1');
  await worker.enlist();
  assert.equal((await stage.need(1, { regardless: true })).verdict, NeedVerdict.NO_ROOM);
  await stage.clock.advance(2_000);
  assert.equal((await stage.need(1, { regardless: true })).verdict, NeedVerdict.STARTING);
  assert.deepEqual(worker.started, [1]);
});

test('nobody is told that a runtime is missing while a worker that may have it is unheard', async () => {
  await using stage = new PlacementStage();
  await stage.place();
  await stage.worker('w-1', { runtimes: ['python3.11'] }).enlist();
  await stage.clock.advance(2_000);
  assert.equal((await stage.need(1)).verdict, NeedVerdict.NO_RUNTIME);
  await stage.join('w-2');
  assert.equal((await stage.need(1, { regardless: true })).verdict, NeedVerdict.NO_WORKER);
});

test('429 is not said while a holder that lives is unheard, nor before its idle slots would have shown', async () => {
  await using stage = new PlacementStage();
  await stage.join('w-1');
  await stage.join('w-2');
  await stage.place('placement', { slots: 20 });
  const [one, two] = [stage.worker('w-1'), stage.worker('w-2')];
  await one.enlist();
  await one.holds(10, 10);
  await two.holds(10);
  const waitFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) {
      await one.report();
      await stage.clock.advance(100);
    }
    return (await stage.need(1, { waitedMs: 4_000, regardless: true })).verdict;
  };
  assert.equal(await waitFor(3_000), NeedVerdict.NO_ROOM);
  await two.enlist();
  await two.holds(10, 10);
  assert.equal(await waitFor(400), NeedVerdict.NO_ROOM);
  await two.leave();
  await stage.miss('w-2');
  assert.equal(await waitFor(700), NeedVerdict.LIMIT);
});

test('only the replica responsible for a limit gives turns, and another once routers ask it', async () => {
  await using stage = new PlacementStage();
  await stage.place('p-1');
  await stage.place('p-2');
  const [first = '', second = ''] = byRendezvous(POOL_LIMIT_ID, ['p-1', 'p-2']);
  const worker = stage.worker('w-1');
  await worker.enlist(second);
  await worker.holds(0, 0, 1);
  assert.equal(worker.raises.length, 0);
  await worker.enlist(first);
  assert.deepEqual(
    worker.raises.map(({ from }) => from),
    [first],
  );
  await stage.need(1, { to: second });
  assert.equal(worker.raises.at(-1)?.from, second);
});

test('when the responsible replica is gone the other takes over', async () => {
  await using stage = new PlacementStage();
  await stage.place('p-1');
  await stage.place('p-2');
  const [first = '', second = ''] = byRendezvous(POOL_LIMIT_ID, ['p-1', 'p-2']);
  const worker = stage.worker('w-1');
  await worker.enlist(second);
  await worker.holds(0, 0, 1);
  await stage.kill(first);
  assert.equal(worker.raises.at(-1)?.from, second);
  await assert.rejects(stage.need(1, { to: first }), error => isFailure(error, 'peer-absent'));
});

test('a replica whose own session is lost leaves the turns to those that are seen', async () => {
  await using stage = new PlacementStage();
  await stage.place('p-1');
  await stage.place('p-2');
  await stage.remove(memberKey('placement', 'p-1'));
  const worker = stage.worker('w-1');
  await worker.enlist('p-1');
  await worker.enlist('p-2');
  await worker.holds(0, 0, 1);
  assert.deepEqual(
    worker.raises.map(({ from }) => from),
    ['p-2'],
  );
});

test('a newer stream of a worker ends the older one, which removes nothing when it closes', async () => {
  await using stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.enlist();
  assert.equal(worker.streamsClosed, 1);
  assert.equal((await stage.need(1)).verdict, NeedVerdict.STARTING);
});

test('a stream of a life that the cluster knows to be past does not take the place of the present one', async () => {
  await using stage = await opened();
  await stage.join('w-1', 'life-2');
  const [present, past] = [stage.worker('w-1', { incarnation: 'life-2' }), stage.worker('w-1')];
  await present.enlist();
  await past.enlist();
  assert.deepEqual([present.streamsClosed, past.streamsClosed], [0, 1]);
  await stage.need(1);
  assert.deepEqual(present.started, [1]);
});

test('every second a worker hears that it is heard', async () => {
  await using stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  await stage.clock.advance(3_000);
  assert.equal(worker.beats, 3);
});

test('disposing of a placement leaves no timer', async () => {
  const stage = await opened();
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.holds(0, 0, 1);
  await stage[Symbol.asyncDispose]();
  await stage.settle();
  assert.equal(stage.clock.pendingTimers, 0);
});

function pick({ verdict, starting }: NeedResponse) {
  return [verdict, starting];
}

async function opened(
  options: { readonly slots?: number; readonly scalingPer10s?: number } = {},
): Promise<PlacementStage> {
  const stage = new PlacementStage();
  await stage.place('placement', options);
  return stage;
}

test('what a worker lets go of goes to the part that waits for it, moved by one replica', async () => {
  await using stage = await opened({ slots: 100 });
  await stage.place('p-2', { slots: 100 });
  const worker = stage.worker('w-1');
  await worker.enlist();
  await worker.enlist('p-2');
  await worker.holds(80);
  await stage.reserve('g', 40);
  assert.deepEqual(await stage.limit('g'), { wanted: 40, held: 20, reserved: 40 });
  assert.ok(worker.lowered.length > 0);
  await worker.holds(60);
  await stage.clock.advance(500);
  assert.deepEqual(await stage.limit('g'), { wanted: 40, held: 40, reserved: 40 });
  assert.deepEqual(await stage.limit(POOL_LIMIT_ID), { wanted: 60, held: 60 });
  const { revision } = await stage.reading(stage.registry.range(''));
  await stage.clock.advance(10_000);
  assert.equal((await stage.reading(stage.registry.range(''))).revision, revision, 'settled is settled');
});

test('what is not this replica’s to move is moved here when routers ask here', async () => {
  const [, second = ''] = byRendezvous(POOL_LIMIT_ID, ['p-1', 'p-2']);
  await using stage = new PlacementStage();
  await stage.place(second, { slots: 100 });
  // Seen among the members, and dead.
  const [first = ''] = byRendezvous(POOL_LIMIT_ID, ['p-1', 'p-2']);
  const dead = { role: 'placement', id: first, address: first, incarnation: first, version: '', place: '' };
  await stage.put(memberKey('placement', first), encodeRecord(dead));
  const worker = stage.worker('w-1');
  await worker.enlist(second);
  await worker.holds(100);
  await stage.reserve('g', 40);
  await worker.holds(0);
  await stage.clock.advance(5_000);
  assert.equal((await stage.limit('g'))?.held, 0);
  await stage.need(1, { to: second });
  await stage.clock.advance(1_900);
  assert.equal((await stage.limit('g'))?.held, 40);
});

test('invocations of a function with a reservation count against it, whatever their router has heard', async () => {
  await using stage = await opened({ slots: 100 });
  const worker = stage.worker('w-1');
  await worker.enlist();
  await stage.reserve(KEY.functionId, 1);
  await stage.settle();
  assert.equal((await stage.need(3)).starting, 1);
  assert.equal(worker.raises.at(-1)?.limitId, KEY.functionId);
});

test('an account becomes no smaller than what functions reserve', async () => {
  await using stage = await opened({ slots: 100 });
  await stage.reserve('g', 40);
  await stage.place('another', { slots: 30 });
  assert.deepEqual(await stage.limit(POOL_LIMIT_ID), { wanted: 0, held: 0 });
  assert.equal((await stage.limit('g'))?.held, 40);
});
