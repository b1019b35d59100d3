import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type EnvironmentSpec, EnvironmentSpecSchema, LogFormat } from '@lambent/contracts';
import { environmentVariables } from './environment-variables.ts';
import { RUNTIME } from './scripted-runtime.ts';

type SpecInit = Exclude<MessageInitShape<typeof EnvironmentSpecSchema>, EnvironmentSpec>;

function variables(spec: SpecInit = {}, options: { runtime?: typeof RUNTIME; awsEndpoint?: boolean } = {}) {
  const whole = create(EnvironmentSpecSchema, {
    key: { functionId: 'f', version: '3', revision: 1n },
    functionName: 'hello',
    region: 'eu-central-1',
    handler: 'index.handler',
    memoryMb: 256,
    log: { group: '/aws/lambda/hello', format: LogFormat.TEXT },
    ...spec,
  });
  return environmentVariables({
    runtime: RUNTIME,
    initializationType: 'on-demand',
    logStream: 'stream',
    awsEndpoint: false,
    compileCache: { kind: 'none' },
    ...options,
    spec: whole,
  });
}

test('a managed runtime gets what AWS gives it', () => {
  const given = variables();
  assert.deepEqual(
    { ...given, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SESSION_TOKEN: '' },
    {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_SESSION_TOKEN: '',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_FUNCTION_NAME: 'hello',
      AWS_LAMBDA_FUNCTION_VERSION: '3',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/hello',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
      AWS_REGION: 'eu-central-1',
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      LAMBDA_TASK_ROOT: '/var/task',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      _HANDLER: 'index.handler',
    },
  );
});

test("the owner's variables win over the runtime's and never over the reserved", () => {
  const given = variables({ variables: { LANG: 'de_DE.UTF-8', TZ: 'CET', AWS_REGION: 'forged', MINE: '1' } });
  assert.equal(given['LANG'], 'de_DE.UTF-8');
  assert.equal(given['TZ'], 'CET');
  assert.equal(given['MINE'], '1');
  assert.equal(given['AWS_REGION'], 'eu-central-1');
});

test('a custom runtime is told its Runtime API and no execution environment', () => {
  const runtime = { ...RUNTIME, identifier: 'provided.al2023', channel: 'http' } as const;
  const given = variables({}, { runtime });
  assert.equal(given['AWS_LAMBDA_RUNTIME_API'], '{doorway:runtime-api}');
  assert.equal(given['AWS_EXECUTION_ENV'], undefined);
});

test('the AWS endpoint is named where there is a doorway to it', () => {
  assert.equal(variables({}, { awsEndpoint: true })['AWS_ENDPOINT_URL'], 'http://{doorway:aws-endpoint}');
});

test('JSON logging is told to the runtime with its level', () => {
  const given = variables({ log: { group: 'g', format: LogFormat.JSON, applicationLevel: 'DEBUG' } });
  assert.equal(given['AWS_LAMBDA_LOG_FORMAT'], 'JSON');
  assert.equal(given['AWS_LAMBDA_LOG_LEVEL'], 'DEBUG');
});
