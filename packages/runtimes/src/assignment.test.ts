import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { awaitBooted } from './assignment.ts';
import { ChannelEnded } from './runtime-channel.ts';
import {
  bodyOf,
  fixture,
  nodeCommand,
  nodesHere,
  pythonCommand,
  pythonsHere,
  type SpawnedRuntime,
  spawnRuntime,
  spawnRuntimeAhead,
} from './spawned-runtime.ts';

const environment = { TZ: 'Asia/Tokyo', OWN: 'value', NODE_ENV: 'production' };
const programs = [
  ...nodesHere().map(({ title, node }) => ({
    title,
    command: nodeCommand(node),
    code: fixture('node/surroundings'),
    handler: 'index.handler',
  })),
  ...(await pythonsHere()).map(({ title, python }) => ({
    title,
    command: pythonCommand(python),
    code: fixture('python/surroundings'),
    handler: 'app.handler',
  })),
];

for (const { title, ...program } of programs) {
  test(`${title}: a function sees no difference when it was started ahead`, async () => {
    await using plain = spawnRuntime({ ...program, environment });
    await using ahead = await spawnRuntimeAhead({ ...program, environment });
    const [seen, expected] = await Promise.all([ahead, plain].map(surroundings));
    assert.equal(seen?.environment['OWN'], 'value');
    assert.deepEqual(seen, expected);
  });

  test(`${title}: what waits for its function ends when its worker is gone`, async () => {
    const ahead = await spawnRuntimeAhead({ ...program, environment });
    await ahead[Symbol.asyncDispose]();
    assert.ok(await ahead.exited);
  });
}

test('a bootstrap that ends, or says something else, has not booted', async () => {
  const ended = new PassThrough();
  ended.end();
  await assert.rejects(awaitBooted(ended), ChannelEnded);
  const other = new PassThrough();
  other.write(Buffer.from([0, 0, 0, 0, 1]));
  await assert.rejects(awaitBooted(other), ChannelEnded);
});

test('what it says may come in pieces, and what follows stays', async () => {
  const channel = new PassThrough();
  const booted = awaitBooted(channel);
  channel.write(Buffer.from([0, 0]));
  channel.write(Buffer.from([0, 0, 7]));
  await booted;
  const said = Promise.withResolvers<string>();
  channel.on('data', data => said.resolve(String(data)));
  channel.write('more');
  assert.equal(await said.promise, 'more');
});

async function surroundings(runtime: SpawnedRuntime): Promise<{ environment: Record<string, string> }> {
  const seen = JSON.parse(bodyOf(await runtime.invoke({})));
  // Of the way in which a test starts its children.
  delete seen.environment.NODE_CHANNEL_SERIALIZATION_MODE;
  return seen;
}
