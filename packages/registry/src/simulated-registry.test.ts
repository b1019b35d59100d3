import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock, type Timer } from '@lambent/core';
import { type RegistryUnderTest, registryContract } from '@lambent/testing';
import { REGISTRY_NAME, type RegistryWire, SimulatedRegistry, UNREAD_MAX } from './simulated-registry.ts';
import { SimulatedRegistryServer } from './simulated-registry-server.ts';

/** Delivers at once, unless held up. */
class TestWire implements RegistryWire {
  readonly held: (() => void)[] = [];
  holding: string | undefined;
  readonly #clock: SimulatedClock;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  carry(_from: string, to: string, deliver: () => void): void {
    if (this.holding === to) this.held.push(deliver);
    else queueMicrotask(deliver);
  }

  expire(timeoutMs: number, late: () => void): Timer {
    return this.#clock.setTimer(timeoutMs, late);
  }
}

function openWorld() {
  const clock = new SimulatedClock();
  const server = new SimulatedRegistryServer({ clock, random: new SeededRandom(1) });
  const wire = new TestWire(clock);
  const registry = new SimulatedRegistry({ server, wire, member: 'a', clock });
  return { clock, server, wire, registry };
}

registryContract('SimulatedRegistry', async (): Promise<RegistryUnderTest> => {
  const { clock, server, registry } = openWorld();
  return {
    registry,
    slowReaderRevisions: UNREAD_MAX,
    countsDeletes: false,
    pass: ms => clock.advance(ms),
    compact: async () => server.compact(),
    async breakStore() {
      server.stop();
      // Time passes until whoever waits for an answer has given up.
      const pass = (times: number) => {
        if (times > 0) setImmediate(() => void clock.advance(500).then(() => pass(times - 1)));
      };
      pass(100);
    },
    [Symbol.asyncDispose]: async () => {},
  };
});

test('a transaction that is late is unknown, and carried out all the same', async () => {
  const { clock, wire, registry } = openWorld();
  wire.holding = REGISTRY_NAME;
  const late = registry.transact({
    compare: [],
    write: [{ kind: 'put', key: 'a', value: new Uint8Array() }],
  });
  await clock.advance(5_000);
  assert.deepEqual(await late, { kind: 'unknown' });
  wire.holding = undefined;
  for (const deliver of wire.held) deliver();
  assert.notEqual(await registry.get('a'), undefined);
});

test('while it is down no lease ends; afterwards each has its full time', async () => {
  const { clock, server, registry } = openWorld();
  const lease = await registry.grantLease(1_000);
  await clock.advance(900);
  server.stop();
  await clock.advance(60_000);
  server.start();
  await clock.advance(900);
  assert.equal(await registry.renewLease(lease), true);
  await clock.advance(1_100);
  assert.equal(await registry.renewLease(lease), false);
});

test('a lease that began its time anew twice does not end at the first of its times', async () => {
  const { clock, server, registry } = openWorld();
  const lease = await registry.grantLease(1_000);
  server.stop();
  server.start();
  await clock.advance(600);
  server.start();
  await clock.advance(600);
  assert.equal(await registry.renewLease(lease), true);
});
