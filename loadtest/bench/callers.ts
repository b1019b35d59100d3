import { Pool } from 'undici';
import { percentile } from './statistics.ts';

/** What one closed loop of callers measured. Latencies in microseconds. */
export interface Load {
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly calls: number;
}

export interface Target {
  readonly origin: string;
  readonly path: string;
}

/**
 * `callers` callers, each sending its next request when the last was answered, for `durationMs`. Any answer but 200
 * with the event sent back ends the run: a fast wrong answer is no measurement.
 */
export async function callClosedLoop(target: Target, callers: number, durationMs: number): Promise<Load> {
  await using pool = disposable(new Pool(target.origin, { connections: callers, pipelining: 1 }));
  const latencies: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + durationMs;
  const caller = async () => {
    while (performance.now() < endMs) latencies.push(await call(pool.client, target));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const seconds = (performance.now() - startMs) / 1_000;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / seconds,
    p50Us: percentile(latencies, 0.5),
    p99Us: percentile(latencies, 0.99),
    calls: latencies.length,
  };
}

/** One call on a connection of its own, in microseconds. */
export async function callOnce(target: Target): Promise<number> {
  await using pool = disposable(new Pool(target.origin, { connections: 1 }));
  return await call(pool.client, target);
}

async function call(client: Pool, { path }: Target): Promise<number> {
  const sentMs = performance.now();
  const response = await client.request({ path, method: 'POST', body: EVENT });
  const text = await response.body.text();
  if (response.statusCode !== 200 || text !== EVENT) throw new Error(`${response.statusCode} ${text}`);
  return (performance.now() - sentMs) * 1_000;
}

/** A hundred bytes of JSON, already in the form that JSON.stringify gives back. */
const EVENT = JSON.stringify({
  order: '7f9c24e8',
  items: [1, 2, 3],
  note: 'the same hundred bytes for every path',
});

function disposable(client: Pool) {
  return { client, [Symbol.asyncDispose]: () => client.close() };
}
