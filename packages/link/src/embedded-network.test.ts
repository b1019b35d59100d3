import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { ConnectRequestSchema } from '@lambent/contracts';
import { SeededRandom, SimulatedClock, SystemClock, SystemRandom } from '@lambent/core';
import { linkContract } from '@lambent/testing';
import { EmbeddedNetwork } from './embedded-network.ts';
import { SimulatedWire } from './simulated-wire.ts';
import type { Wire } from './wire.ts';

linkContract('embedded link', async () => pairOn());
linkContract('embedded link over a wire with distance', async () =>
  pairOn(
    new SimulatedWire({
      clock: new SystemClock(),
      random: new SystemRandom(),
      delayMs: { least: 0, most: 3 },
    }),
  ),
);

function pairOn(wire?: Wire) {
  const network = new EmbeddedNetwork(wire ? { wire } : {});
  return {
    near: network.member('near'),
    far: network.member('far'),
    address: 'far:1',
    async [Symbol.asyncDispose]() {},
  };
}

test('a cut direction holds its messages in order until it is mended, and the other direction goes on', async () => {
  const clock = new SimulatedClock();
  const wire = new SimulatedWire({ clock, random: new SeededRandom(7), delayMs: { least: 1, most: 9 } });
  const network = new EmbeddedNetwork({ wire });
  const heard: string[] = [];
  await network.member('far').serveWorker('far:1', stream => ({
    message: ({ message }) => {
      if (message.case === 'query') heard.push(...message.value.requestIds);
    },
    closed: cause => {
      heard.push(cause);
      stream.close();
    },
  }));
  const stream = await network
    .member('near')
    .openWorker('far:1', { message: () => undefined, closed: () => undefined });
  const send = (id: string) =>
    stream.send(create(ConnectRequestSchema, { message: { case: 'query', value: { requestIds: [id] } } }));

  send('a');
  wire.cut('near', 'far');
  send('b');
  send('c');
  await clock.advance(1_000);
  assert.deepEqual(heard, ['a']);
  wire.mend('near', 'far');
  await clock.advance(10);
  assert.deepEqual(heard, ['a', 'b', 'c']);
});
