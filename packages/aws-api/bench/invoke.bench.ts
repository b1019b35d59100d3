/**
 * Requests per second of Invoke through the whole server against a bare node:http echo, in one process and one run:
 * only their ratio means anything. Run: `node packages/aws-api/bench/invoke.bench.ts`.
 */
import { once } from 'node:events';
import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SystemClock, SystemRandom } from '@lambent/core';
import { createAwsServer, createHttpServer, createLambdaService } from '../src/index.ts';

const CONNECTIONS = 64;
const WARM_UP_MS = 1_000;
const MEASURED_MS = 4_000;
const ROUNDS = 2;
const PAYLOAD = Buffer.from(JSON.stringify({ key: 'value', text: 'x'.repeat(200) }));

const clock = new SystemClock();

function bare(): Server {
  return createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
      response.end(body);
    });
  });
}

function lambda(): Server {
  const api = createAwsServer({
    services: [
      createLambdaService({
        Invoke: async ({ Payload }) => ({ StatusCode: 200, ExecutedVersion: '$LATEST', Payload }),
      }),
    ],
    accountId: '123456789012',
    region: 'eu-west-1',
    random: new SystemRandom(),
    clock,
    onError: error => process.stderr.write(`${error}\n`),
  });
  return createHttpServer({
    handle: (incoming, response) => {
      void api.handle(incoming, response);
    },
  });
}

function invoke(agent: Agent, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        port,
        method: 'POST',
        path: '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Ahello/invocations',
        headers: { 'X-Amz-Invocation-Type': 'RequestResponse', 'Content-Length': PAYLOAD.length },
      },
      response => response.resume().on('end', resolve),
    );
    outgoing.on('error', reject);
    outgoing.end(PAYLOAD);
  });
}

async function measure(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const run = async (durationMs: number) => {
    const endMs = clock.monotonicMs() + durationMs;
    let count = 0;
    const client = async () => {
      for (; clock.monotonicMs() < endMs; count += 1) await invoke(agent, port);
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, client));
    return (count * 1_000) / durationMs;
  };
  await run(WARM_UP_MS);
  const perSecond = await run(MEASURED_MS);
  agent.destroy();
  server.close();
  return perSecond;
}

for (let round = 1; round <= ROUNDS; round += 1) {
  const floor = await measure(bare());
  const served = await measure(lambda());
  process.stdout.write(
    `round ${round}: bare echo ${Math.round(floor)}/s, Invoke ${Math.round(served)}/s, ratio ${(served / floor).toFixed(2)}\n`,
  );
}
