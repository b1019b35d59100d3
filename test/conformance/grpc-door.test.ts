/** Clients made from the protos, or from nothing but reflection, in another language than ours. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { type LambentProcess, startLambent, TEST_TOOLS } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';

const FIXTURES = path.join(import.meta.dirname, '../fixtures/grpc');
const EXAMPLE = path.join(TEST_TOOLS.repository, 'examples/clients/grpc_invoke.py');
const PROTOS = path.join(TEST_TOOLS.repository, 'proto');
const SLOW = 'exports.handler = e => new Promise(done => setTimeout(done, 2000, e));';

describe('the gRPC door', () => {
  let lambent: LambentProcess;
  let stubs: string;
  let echo: DeployedFunction;
  let slow: DeployedFunction;
  let address: string;

  before(async () => {
    lambent = await startLambent();
    const endpoint = await readFile(path.join(lambent.dataDirectory, 'endpoint.json'), 'utf8');
    address = new URL((JSON.parse(endpoint) as { grpcUrl: string }).grpcUrl).host;
    stubs = await mkdtemp(path.join(tmpdir(), 'lambent-stubs-'));
    const out = [`--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
    await python(['-m', 'grpc_tools.protoc', '-I', PROTOS, ...out, 'lambent/v1/invocation.proto']);
    const client = lambent.client();
    echo = await deploy(client, { files: { 'index.js': 'exports.handler = async e => e;' } });
    slow = await deploy(client, { files: { 'index.js': SLOW } });
  });
  after(async () => {
    await lambent[Symbol.asyncDispose]();
    await rm(stubs, { recursive: true });
  });

  function python(args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const env = { PATH: process.env['PATH'], PYTHONPATH: stubs };
    return promisify(execFile)(TEST_TOOLS.python, args, { env });
  }

  test('the example invokes in three ways', async () => {
    const event = '{"name": "Ada"}';
    const { stdout, stderr } = await python([EXAMPLE, address, echo.name, event]);
    assert.deepEqual(JSON.parse(stdout), { name: 'Ada' });
    assert.match(stderr, /^REPORT RequestId/m);
    assert.match(stderr, /^\d+ bytes\naccepted as [\da-f-]{36}\n$/m);
  });

  test('the example says why it was refused', async () => {
    await assert.rejects(python([EXAMPLE, address, 'nobody']), {
      stderr: /^ResourceNotFoundException: Function not found: .*:nobody \(request [\da-f-]{36}\)\n$/,
    });
  });

  test('refusals are statuses with the error of AWS beside them', async () => {
    const { stdout } = await python([path.join(FIXTURES, 'refusals.py'), address, slow.name]);
    assert.deepEqual(JSON.parse(stdout), {
      unknown: [
        'NOT_FOUND',
        'ResourceNotFoundException',
        'Function not found: arn:aws:lambda:us-east-1:000000000000:function:no-such-function',
        true,
      ],
      not_json: ['INVALID_ARGUMENT', 'InvalidRequestContentException'],
      too_large: [
        'INVALID_ARGUMENT',
        'RequestEntityTooLargeException',
        'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
        true,
      ],
      too_late: 'DEADLINE_EXCEEDED',
      long_name: ['INVALID_ARGUMENT', 'ValidationException'],
    });
  });

  test('whoever has no protos finds everything by reflection', async () => {
    const { stdout } = await python([path.join(FIXTURES, 'reflect.py'), address, echo.name]);
    assert.deepEqual(JSON.parse(stdout), {
      services: ['grpc.health.v1.Health', 'lambent.v1.InvocationService'],
      methods: ['Invoke', 'InvokeWithResponseStream'],
      status_code: 200,
      payload: { n: 1 },
    });
  });
});
