import { once } from 'node:events';
import { tiedToThisProcess } from '@lambent/engines';
import { startLambent } from '@lambent/testing';
import { request } from 'undici';
import { startFloorProcess } from '../floors/start-floor.ts';
import { DeployedFunctions } from '../load/deployed-functions.ts';
import { median, ratioOf } from '../report/ratio.ts';
import type { Bench, Figures } from './figure.ts';

/** How fast one streamed response passes, beside a plain HTTP proxy. */
export const streaming = { name: 'streaming', measure: measureStreaming } as const;

const FUNCTION = 'bench-stream';
const BYTES = 100 * 1024 * 1024;
const PROGRAM = {
  handler: 'index.handler',
  files: {
    'index.mjs': `import { once } from 'node:events';
const chunk = Buffer.alloc(64 * 1024, 'x');
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  for (let left = event.bytes; left > 0; left -= chunk.length)
    if (!stream.write(chunk.subarray(0, left))) await once(stream, 'drain');
  stream.end();
});
`,
  },
};

async function measureStreaming(bench: Bench): Promise<Figures> {
  const { clock, signal } = bench;
  await using lambent = await startLambent({ enter: tiedToThisProcess() });
  const plan = { name: FUNCTION, runtime: 'nodejs24.x', memoryMb: 1_769, timeoutSeconds: 60 } as const;
  await using _functions = await DeployedFunctions.deploy(lambent.client(), [{ ...plan, program: PROGRAM }]);
  await using floor = await startFloorProcess('chunked-proxy');
  const ways = {
    engine: () =>
      request(`${lambent.url}/2021-11-15/functions/${FUNCTION}/response-streaming-invocations`, {
        method: 'POST',
        body: JSON.stringify({ bytes: BYTES }),
      }),
    proxy: () => request(`${floor.origin}/${BYTES}`),
  };
  const rates = { engine: [] as number[], proxy: [] as number[] };
  for (let block = 0; block <= bench.blocks; block++) {
    for (const name of ['engine', 'proxy'] as const) {
      signal.throwIfAborted();
      bench.progress(`streaming: block ${block}/${bench.blocks}, ${name}`);
      const beganMs = clock.monotonicMs();
      const { body, statusCode } = await ways[name]();
      let bytes = 0;
      body.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      await once(body, 'end');
      if (statusCode !== 200 || bytes < BYTES)
        throw new Error(`${name}: status ${statusCode}, ${bytes} bytes`);
      // The first of each makes everything warm.
      if (block > 0) rates[name].push(BYTES / 1e6 / ((clock.monotonicMs() - beganMs) / 1_000));
    }
  }
  return {
    tables: [
      {
        title: `one response of ${BYTES >> 20} MB`,
        columns: ['MB/s'],
        rows: [
          ['engine', median(rates.engine)],
          ['HTTP proxy', median(rates.proxy)],
        ],
      },
    ],
    findings: [
      {
        about: 'bytes per second of a streamed response ÷ a chunked HTTP proxy',
        goal: { atLeast: 0.7 },
        ratio: ratioOf(rates.engine, rates.proxy),
      },
    ],
  };
}
