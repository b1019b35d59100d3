import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, SimulatedClock } from '@lambent/core';
import { LeaseSession } from './lease-session.ts';
import type { LeaseId } from './registry.ts';

const TTL_MS = 10_000;
/** 99 % of the time, less a second. */
const CERTAIN_MS = 8_900;

type Answer = 'renewed' | 'gone' | 'silent';

/** A registry that answers renewals as the script says, each after `answerMs`. */
async function openSession(script: { answers: Answer[]; answerMs?: number; ttlMs?: number }) {
  const clock = new SimulatedClock();
  const lost: string[] = [];
  const heard: number[] = [];
  const { answerMs = 0, ttlMs = TTL_MS } = script;
  const registry = {
    grantLease: async () => 'lease' as LeaseId,
    renewLease: (_lease: LeaseId, { timeoutMs = 0 } = {}) =>
      new Promise<boolean>((resolve, reject) => {
        const answer = script.answers.shift() ?? 'renewed';
        if (answer === 'silent')
          clock.setTimer(timeoutMs, () => reject(fail('registry-unavailable', { detail: 'silent' })));
        else clock.setTimer(answerMs, () => resolve(answer === 'renewed'));
      }),
    revoked: 0,
    async revokeLease() {
      this.revoked += 1;
    },
  };
  const session = await LeaseSession.open({
    registry: registry as never,
    clock,
    ttlMs,
    renewEveryMs: ttlMs / 5,
    renewTimeoutMs: ttlMs / 5,
    renewed: heldUntilMs => heard.push(heldUntilMs),
    lost: why => lost.push(why),
  });
  return { clock, session, lost, heard, registry };
}

test('its time counts from when a renewal was sent, not from when it was answered', async () => {
  const { clock, session, heard } = await openSession({ answers: [], answerMs: 500 });
  assert.deepEqual(heard, [CERTAIN_MS]);
  await clock.advance(2_600);
  assert.deepEqual(heard, [CERTAIN_MS, 2_000 + CERTAIN_MS]);
  assert.equal(session.heldUntilMs, 2_000 + CERTAIN_MS);
});

test('without answers it is held until its time has passed, and then never again', async () => {
  const { clock, session, lost } = await openSession({ answers: Array(100).fill('silent') });
  await clock.advance(CERTAIN_MS - 1);
  assert.equal(session.held, true);
  await clock.advance(1);
  assert.equal(session.held, false);
  assert.deepEqual(lost, ['overdue']);
  await clock.advance(60_000);
  assert.deepEqual(lost, ['overdue']);
});

test('some lost answers cost nothing', async () => {
  const { clock, session, lost } = await openSession({ answers: ['silent', 'silent', 'renewed', 'silent'] });
  await clock.advance(60_000);
  assert.equal(session.held, true);
  assert.deepEqual(lost, []);
});

test('two answers in a row that are lost cost the shortest lease nothing', async () => {
  const answers: Answer[] = ['silent', 'silent', 'renewed', 'renewed', 'silent', 'silent'];
  const { clock, session, lost } = await openSession({ answers, ttlMs: 5_000, answerMs: 500 });
  await clock.advance(60_000);
  assert.deepEqual([session.held, lost], [true, []]);
});

test('a registry that is away is asked ever more slowly, up to the usual pace', async () => {
  const { clock, registry } = await openSession({ answers: [], ttlMs: 100_000 });
  const askedMs: number[] = [];
  registry.renewLease = () => {
    askedMs.push(clock.monotonicMs());
    return Promise.reject(fail('registry-unavailable', { detail: 'refused' }));
  };
  await clock.advance(90_000);
  const pauses = askedMs.map((ms, index) => ms - (askedMs[index - 1] ?? 0));
  assert.deepEqual(pauses.slice(0, 5), [20_000, 100, 200, 400, 800]);
  assert.equal(pauses.at(-1), 20_000);
});

test('a lease that the registry has forgotten is lost at once', async () => {
  const { clock, session, lost } = await openSession({ answers: ['renewed', 'gone'] });
  await clock.advance(4_000);
  assert.deepEqual([session.held, lost], [false, ['gone']]);
});

test('an answer that comes after its time is no reason to go on', async () => {
  const { clock, session, lost } = await openSession({ answers: [], answerMs: 9_000 });
  await clock.advance(30_000);
  assert.deepEqual([session.held, lost], [false, ['overdue']]);
});

test('disposing revokes it and tells nobody that it was lost', async () => {
  const { clock, session, lost, registry } = await openSession({ answers: [] });
  await session[Symbol.asyncDispose]();
  await clock.advance(60_000);
  assert.deepEqual([session.held, lost, registry.revoked, clock.pendingTimers], [false, [], 1, 0]);
});
