/** The AWS CLI, today's from PyPI and the older one that Debian packages, as people type it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Runtime } from '@aws-sdk/client-lambda';
import { TEST_TOOLS, zipOf } from '@lambent/testing';
import { ROLE } from '../deployed-function.ts';
import { pythonRuntime } from '../python-runtime.ts';
import { openTarget, type Target } from './target.ts';

const run = promisify(execFile);

interface Client {
  readonly name: string;
  readonly program: string;
  /** In the name of what it makes. */
  readonly label: string;
  /** The older one hears of the endpoint on its command line only. */
  options(url: string): readonly string[];
  /** The first version takes payloads as they are; the second wants to be told. */
  readonly rawPayload: readonly string[];
}

const CLIENTS: readonly Client[] = [
  { name: 'of PyPI', label: 'pypi', program: TEST_TOOLS.awsCli, options: () => [], rawPayload: [] },
  {
    name: 'of Debian',
    label: 'debian',
    program: TEST_TOOLS.debianAwsCli,
    options: url => ['--endpoint-url', url, '--no-cli-pager'],
    rawPayload: ['--cli-binary-format', 'raw-in-base64-out'],
  },
];

describe('the AWS CLI', () => {
  let lambent: Target;
  let folder: string;
  before(async () => {
    lambent = await openTarget();
    folder = await mkdtemp(path.join(tmpdir(), 'lambent-cli-'));
  });
  after(async () => {
    await lambent[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** `aws lambda …`, its JSON answer parsed. */
  async function aws(client: Client, ...args: string[]): Promise<Record<string, unknown>> {
    const command = [...client.options(lambent.url), '--output', 'json', 'lambda', ...args];
    const { stdout } = await run(client.program, command, { env: { ...lambent.clientEnvironment } });
    return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }

  async function invoke(client: Client, name: string, payload: unknown, ...options: string[]) {
    const file = path.join(folder, `${name}.answer`);
    const about = await aws(
      client,
      'invoke',
      '--function-name',
      name,
      ...client.rawPayload,
      '--payload',
      JSON.stringify(payload),
      ...options,
      file,
    );
    const text = await readFile(file, 'utf8');
    return { about, answer: text === '' ? undefined : JSON.parse(text) };
  }

  async function liveThrough(
    client: Client,
    runtime: Runtime,
    files: (answer: string) => Record<string, string>,
  ) {
    const name = `cli-${client.label}-${runtime.replaceAll('.', '-')}`;
    const zip = path.join(folder, `${name}.zip`);
    const here = ['--function-name', name];
    await writeFile(zip, await zipOf(files('first')));

    const created = await aws(
      client,
      'create-function',
      ...here,
      ...['--runtime', runtime, '--handler', 'index.handler', '--role', ROLE],
      ...['--zip-file', `fileb://${zip}`, '--environment', 'Variables={COLOUR=red}', '--tags', 'team=cli'],
    );
    assert.equal(created['State'], 'Pending');
    await aws(client, 'wait', 'function-active-v2', ...here);

    const { Location } = (await aws(client, 'get-function', ...here))['Code'] as { Location: string };
    const download = await fetch(Location);
    assert.deepEqual(Buffer.from(await download.arrayBuffer()), await readFile(zip));

    const first = await invoke(client, name, { n: 1 }, '--log-type', 'Tail');
    assert.deepEqual(first.answer, { answer: 'first', colour: 'red', event: { n: 1 } });
    assert.equal(first.about['StatusCode'], 200);
    assert.equal(first.about['ExecutedVersion'], '$LATEST');
    assert.match(Buffer.from(String(first.about['LogResult']), 'base64').toString(), /^REPORT RequestId: /m);
    const event = await invoke(client, name, {}, '--invocation-type', 'Event');
    assert.equal(event.about['StatusCode'], 202);

    assert.equal((await aws(client, 'publish-version', ...here))['Version'], '1');
    await writeFile(zip, await zipOf(files('second')));
    await aws(client, 'update-function-code', ...here, '--zip-file', `fileb://${zip}`);
    await aws(client, 'wait', 'function-updated-v2', ...here);
    assert.equal((await invoke(client, name, {})).answer.answer, 'second');
    assert.equal((await invoke(client, name, {}, '--qualifier', '1')).answer.answer, 'first');

    await aws(
      client,
      'update-function-configuration',
      ...here,
      '--timeout',
      '7',
      '--environment',
      'Variables={COLOUR=blue}',
    );
    await aws(client, 'wait', 'function-updated-v2', ...here);
    assert.equal((await aws(client, 'get-function-configuration', ...here))['Timeout'], 7);
    assert.equal((await invoke(client, name, {})).answer.colour, 'blue');

    const listed = await aws(client, 'list-functions', '--page-size', '1');
    const names = (listed['Functions'] as { FunctionName: string }[]).map(each => each.FunctionName);
    assert.equal(names.filter(each => each === name).length, 1);

    await aws(client, 'delete-function', ...here);
    await assert.rejects(aws(client, 'get-function', ...here), /ResourceNotFoundException/);
  }

  for (const client of CLIENTS) {
    test(`the AWS CLI ${client.name} takes a Node.js function from create to delete`, () =>
      liveThrough(client, 'nodejs24.x', answer => ({
        'index.mjs': `export const handler = async event =>
          ({ answer: '${answer}', event, colour: process.env.COLOUR });`,
      })));

    test(`the AWS CLI ${client.name} takes a Python function from create to delete`, () =>
      liveThrough(client, pythonRuntime(), answer => ({
        'index.py': `import os
def handler(event, context):
    return {"answer": "${answer}", "event": event, "colour": os.environ["COLOUR"]}`,
      })));

    test(`the AWS CLI ${client.name} shows AWS's words for a function that is not there`, async () => {
      await assert.rejects(
        invoke(client, 'nobody', {}),
        /ResourceNotFoundException.*Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody/s,
      );
    });
  }
});
