/**
 * How many invocations of an echo a second one environment does, one after another, over each channel and with each
 * runtime of this machine. `node packages/runtimes/bench/channels.ts [seconds]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SystemClock, SystemRandom } from '@lambent/core';
import { openHttpChannel } from '../src/http-channel.ts';
import type { RuntimeChannel } from '../src/runtime-channel.ts';
import {
  fixture,
  nodeCommand,
  nodesHere,
  pythonCommand,
  pythonsHere,
  spawnRuntime,
} from '../src/spawned-runtime.ts';

const seconds = Number(process.argv[2] ?? 3);
const WARM_UP_INVOCATIONS = 2_000;
const PAYLOAD = Buffer.from('{"a":1}');
const clock = new SystemClock();

for (const { title, node } of nodesHere()) {
  await using runtime = spawnRuntime({
    command: nodeCommand(node),
    code: fixture('node/answers'),
    handler: 'index.echo',
  });
  await report(`${title}, frames`, runtime.channel);
}
for (const { title, python } of await pythonsHere()) {
  await using runtime = spawnRuntime({
    command: pythonCommand(python),
    code: fixture('python/answers'),
    handler: 'index.echo',
  });
  await report(`${title}, frames`, runtime.channel);
}
await reportHttp();

async function reportHttp(): Promise<void> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  using channel = openHttpChannel({ server, random: new SystemRandom() });
  const client = startLoop((server.address() as AddressInfo).port);
  await report('Node.js 24, HTTP Runtime API, a loop on node:http', channel);
  client.kill();
  await once(client, 'exit');
}

function startLoop(port: number): ChildProcess {
  const program = fileURLToPath(new URL('http-loop.mjs', import.meta.url));
  return spawn(process.execPath, [program], {
    env: { AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
    stdio: 'inherit',
  });
}

async function report(title: string, channel: RuntimeChannel): Promise<void> {
  await channel.ready;
  for (let count = 0; count < WARM_UP_INVOCATIONS; count += 1) await invoke(channel, `warm-up-${count}`);
  const startMs = clock.monotonicMs();
  const endMs = startMs + seconds * 1_000;
  let count = 0;
  for (; clock.monotonicMs() < endMs; count += 1) await invoke(channel, `${count}`);
  const perSecond = (count * 1_000) / (clock.monotonicMs() - startMs);
  process.stdout.write(
    `${title.padEnd(52)} ${Math.round(perSecond)} invocations/s, ${(1e6 / perSecond).toFixed(1)} µs each\n`,
  );
}

async function invoke(channel: RuntimeChannel, requestId: string): Promise<void> {
  await channel.invoke({
    requestId,
    payload: PAYLOAD,
    deadlineEpochMs: clock.nowMs() + 3_000,
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:measured',
  });
  await channel.rested();
}
