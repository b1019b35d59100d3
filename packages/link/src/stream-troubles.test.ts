import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { StreamTroubles } from './stream-troubles.ts';

test('the same trouble with a peer is told once a minute, another one at once', async () => {
  const told: string[] = [];
  const logger = createLogger({
    level: 'info',
    service: 'test',
    destination: { write: line => told.push(line) },
  });
  const clock = new SimulatedClock();
  const troubles = new StreamTroubles({ logger, clock });
  for (const cause of ['refused', 'refused', 'expired']) troubles.tell('stream not opened', 'w:1', cause);
  troubles.tell('stream not opened', 'w:2', 'refused');
  assert.equal(told.length, 3);
  await clock.advance(60_000);
  troubles.tell('stream not opened', 'w:1', 'refused');
  assert.equal(told.length, 4);
  assert.match(told[3] ?? '', /"peer":"w:1","cause":"refused","msg":"stream not opened"/);
});
