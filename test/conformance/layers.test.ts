/** Layers: published with AWS's own clients, found by functions where AWS puts them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  DeleteLayerVersionCommand,
  GetFunctionCommand,
  GetLayerVersionCommand,
  type LambdaClient,
  ListLayersCommand,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { type Files, TEST_TOOLS, waitFor, zipOf } from '@lambent/testing';
import { deploy, WAIT } from '../deployed-function.ts';
import { pythonRuntime } from '../python-runtime.ts';
import { openTarget, type Target } from './target.ts';

/** What each of two layers says where they collide. */
const greeting = (text: string): Files => ({
  'nodejs/node_modules/greeting/index.js': `module.exports = '${text}';`,
  'python/greeting.py': `TEXT = '${text}'`,
  [`only/${text}`]: text,
});
const NODE = {
  'index.js': `const { readdirSync, writeFileSync } = require('node:fs');
exports.handler = async () => {
  let written = 'yes';
  try { writeFileSync('/opt/new', ''); } catch (error) { written = error.code; }
  return { greeting: require('greeting'), only: readdirSync('/opt/only'), written };
};`,
};
const PYTHON = {
  'index.py': `import greeting, os
def handler(event, context):
    return {"greeting": greeting.TEXT, "only": sorted(os.listdir("/opt/only"))}`,
};

describe('layers', () => {
  let lambent: Target;
  let client: LambdaClient;
  let folder: string;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
    folder = await mkdtemp(path.join(tmpdir(), 'lambent-layers-'));
  });
  after(async () => {
    await lambent[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const publish = async (files: Files, mode = 0o100644) => {
    const { LayerVersionArn = '', ...published } = await client.send(
      new PublishLayerVersionCommand({
        LayerName: `layer-${randomUUID().slice(0, 8)}`,
        Content: { ZipFile: await zipOf(files, { mode }) },
      }),
    );
    return { ...published, LayerVersionArn };
  };
  const two = async () => {
    const layers = [await publish(greeting('first')), await publish(greeting('second'))];
    return layers.map(({ LayerVersionArn }) => LayerVersionArn);
  };

  test('are found by a Node.js function, later ones over earlier ones, and nobody can write to them', async () => {
    const [first = '', second = ''] = await two();
    const node = await deploy(client, { files: NODE, layers: [first, second] });
    assert.deepEqual((await node.invoke()).payload, {
      greeting: 'second',
      only: ['first', 'second'],
      written: 'EROFS',
    });
    await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: node.name, Layers: [second, first] }),
    );
    await waitUntilFunctionUpdatedV2({ client, ...WAIT }, { FunctionName: node.name });
    await waitFor('the other order', async () => {
      const { payload } = await node.invoke();
      return (payload as { greeting: string }).greeting === 'first';
    });
  });

  test('are found by a Python function', async () => {
    const layers = await two();
    const python = await deploy(client, { runtime: pythonRuntime(), files: PYTHON, layers });
    assert.deepEqual((await python.invoke()).payload, { greeting: 'second', only: ['first', 'second'] });
  });

  test('are found by environments that come one after another, out of a pool or not', async () => {
    const layers = await two();
    const slow = NODE['index.js'].replace(
      'let written',
      'await new Promise(go => setTimeout(go, 300)); let written',
    );
    const node = await deploy(client, { files: { 'index.js': slow }, layers });
    const plain = await deploy(client, {
      files: { 'index.js': "exports.handler = async () => require('node:fs').existsSync('/opt/only');" },
    });
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.all(Array.from({ length: 3 }, () => node.invoke()));
      for (const { payload } of answers) assert.equal((payload as { greeting: string }).greeting, 'second');
      assert.equal((await plain.invoke()).payload, false);
    }
  });

  test('bring programs and whole runtimes', async () => {
    const tool = await publish({ 'bin/greet': '#!/bin/sh\necho hello' }, 0o100755);
    const node = await deploy(client, {
      files: {
        'index.js': `exports.handler = async () =>
  require('node:child_process').execFileSync('greet', { encoding: 'utf8' });`,
      },
      layers: [tool.LayerVersionArn],
    });
    assert.equal((await node.invoke()).payload, 'hello\n');
    const bootstrap = `#!/bin/sh
while true; do
  head=$(mktemp)
  curl -sS -D "$head" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next" >/dev/null
  id=$(grep -i '^lambda-runtime-aws-request-id:' "$head" | tr -d '\\r' | cut -d ' ' -f 2)
  curl -sS -d @text "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response"
done`;
    const runtime = await publish({ bootstrap }, 0o100755);
    const custom = await deploy(client, {
      runtime: 'provided.al2023',
      files: { text: '"of its own"' },
      layers: [runtime.LayerVersionArn],
    });
    assert.equal((await custom.invoke()).payload, 'of its own');
  });

  test('bring libraries, also to what was started before it knew of them', async () => {
    const { sharedObjects } = process.report.getReport() as { readonly sharedObjects: readonly string[] };
    const library = sharedObjects.find(file => /\/libm\.so/.test(file)) ?? '';
    const { LayerVersionArn } = await publish({ 'lib/liblayered.so': await readFile(library) });
    const python = await deploy(client, {
      runtime: pythonRuntime(),
      files: {
        'index.py': `import ctypes, time
def handler(event, context):
    time.sleep(0.3)
    floor = ctypes.CDLL("liblayered.so").floor
    floor.restype = ctypes.c_double
    return floor(ctypes.c_double(2.5))`,
      },
      layers: [LayerVersionArn],
    });
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.all(Array.from({ length: 3 }, () => python.invoke()));
      assert.deepEqual(
        answers.map(({ payload }) => payload),
        [2, 2, 2],
      );
    }
  });

  test('go on working in functions and versions when they are deleted', async () => {
    const { LayerArn: LayerName = '', LayerVersionArn } = await publish(greeting('kept'));
    const node = await deploy(client, { files: NODE, layers: [LayerVersionArn] });
    await client.send(new PublishVersionCommand({ FunctionName: node.name }));
    await client.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber: 1 }));
    await assert.rejects(client.send(new GetLayerVersionCommand({ LayerName, VersionNumber: 1 })), {
      name: 'ResourceNotFoundException',
    });
    for (const Qualifier of ['$LATEST', '1']) {
      const { payload } = await node.invoke({}, { Qualifier });
      assert.equal((payload as { greeting: string }).greeting, 'kept');
      const { Configuration } = await client.send(
        new GetFunctionCommand({ FunctionName: node.name, Qualifier }),
      );
      assert.equal(Configuration?.Layers?.[0]?.Arn, LayerVersionArn);
    }
  });

  test('are published and used by the AWS CLI', async () => {
    const run = promisify(execFile);
    const aws = async (...args: string[]) => {
      const command = ['--output', 'json', 'lambda', ...args];
      const { stdout } = await run(TEST_TOOLS.awsCli, command, { env: { ...lambent.clientEnvironment } });
      return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
    };
    const zip = path.join(folder, 'layer.zip');
    await writeFile(zip, await zipOf(greeting('typed')));
    const name = `typed-${randomUUID().slice(0, 8)}`;
    const about = ['--layer-name', name];
    const runtimes = ['--compatible-runtimes', 'nodejs24.x'];
    const published = await aws(
      'publish-layer-version',
      ...about,
      '--zip-file',
      `fileb://${zip}`,
      ...runtimes,
    );
    assert.equal(published['Version'], 1);
    const version = [...about, '--version-number', '1'];
    const principal = ['--principal', '*', '--action', 'lambda:GetLayerVersion'];
    await aws('add-layer-version-permission', ...version, '--statement-id', 'all', ...principal);
    const { Policy } = await aws('get-layer-version-policy', ...version);
    assert.match(String(Policy), /"Sid":"all"/);
    const arn = String(published['LayerVersionArn']);
    const byArn = await aws('get-layer-version-by-arn', '--arn', arn);
    assert.deepEqual(byArn['CompatibleRuntimes'], ['nodejs24.x']);
    const node = await deploy(client, { files: NODE });
    await aws('update-function-configuration', '--function-name', node.name, '--layers', arn);
    await aws('wait', 'function-updated', '--function-name', node.name);
    await waitFor('the layer', async () => {
      const { payload } = await node.invoke();
      return (payload as { greeting?: string }).greeting === 'typed';
    });
    const { Layers = [] } = await client.send(new ListLayersCommand({ CompatibleRuntime: 'nodejs24.x' }));
    assert.ok(Layers.some(({ LayerName }) => LayerName === name));
    await aws('remove-layer-version-permission', ...version, '--statement-id', 'all');
    await aws('delete-layer-version', ...version);
    assert.deepEqual((await aws('list-layer-versions', ...about))['LayerVersions'], []);
  });
});
