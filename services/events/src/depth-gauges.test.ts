import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queue, QueueDepth } from '@lambent/bus';
import { fail, SimulatedClock } from '@lambent/core';
import { createLogger, openTelemetry } from '@lambent/daemon';
import { DepthGauges } from './depth-gauges.ts';

test('depth and age are told for each partition, read anew now and then, as last known while the store fails', async () => {
  const clock = new SimulatedClock();
  await using telemetry = await openTelemetry({ serviceName: 'events', env: {}, clock });
  const first = new ScriptedQueue({ messages: 3, inFlight: 1, oldestAgeMs: 1_500 });
  const second = new ScriptedQueue({ messages: 0, inFlight: 0, oldestAgeMs: 0 });
  await using _gauges = DepthGauges.start({
    queues: [first, second],
    telemetry,
    clock,
    logger: createLogger({ level: 'silent', service: 'events' }),
  });
  await clock.advance(0);
  let text = await telemetry.exposition();
  assert.match(text, /^lambent_async_events_waiting\{partition="0"\} 3$/m);
  assert.match(text, /^lambent_async_events_oldest_age_seconds\{partition="0"\} 1\.5$/m);
  assert.match(text, /^lambent_async_events_waiting\{partition="1"\} 0$/m);

  first.next = undefined;
  second.next = { messages: 7, inFlight: 0, oldestAgeMs: 10 };
  assert.equal(first.reads, 1);
  await clock.advance(5_000);
  text = await telemetry.exposition();
  assert.match(text, /^lambent_async_events_waiting\{partition="0"\} 3$/m);
  assert.match(text, /^lambent_async_events_waiting\{partition="1"\} 7$/m);
});

class ScriptedQueue implements Queue {
  next: QueueDepth | undefined;
  reads = 0;

  constructor(next: QueueDepth) {
    this.next = next;
  }

  async depth(): Promise<QueueDepth> {
    this.reads += 1;
    if (!this.next) throw fail('storage-failed', { detail: 'as the test wants it' });
    return this.next;
  }

  enqueue(): never {
    throw new Error('nobody enqueues here');
  }

  pull(): never {
    throw new Error('nobody pulls here');
  }
}
