/**
 * Reserved and provisioned concurrency as AWS's clients see them: what is reserved is had, and no more. All of them in
 * one file, one after the other: they look at what is left of the account, which on a cluster is everybody's.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import {
  CreateAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvalidParameterValueException,
  type LambdaClient,
  ProvisionedConcurrencyConfigNotFoundException,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  TooManyRequestsException,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { TEST_TOOLS, waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy, WAIT } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

const run = promisify(execFile);
const SCRIPT = path.join(import.meta.dirname, '../fixtures/boto3/aliases_and_concurrency.py');
const SLEEPER = {
  'index.mjs':
    'export const handler = event => new Promise(resolve => setTimeout(resolve, event.ms, "awake"));',
};
/** Longer than a call may wait for a slot before it is refused. */
const NAP_MS = 2_000;

describe('concurrency', () => {
  let lambent: Target;
  let client: LambdaClient;
  let sleeper: DeployedFunction;
  let FunctionName: string;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
    sleeper = await deploy(client, { files: SLEEPER, timeoutSeconds: 20 });
    FunctionName = sleeper.name;
  });
  after(() => lambent?.[Symbol.asyncDispose]());

  const reserve = (ReservedConcurrentExecutions: number) =>
    client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
  const unreserved = async () => {
    const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
    return AccountLimit?.UnreservedConcurrentExecutions ?? 0;
  };

  /** How many of so many calls at once were refused, each as AWS refuses for a function's own limit. */
  async function refusedOf(calls: number, ms = NAP_MS): Promise<number> {
    const outcomes = await Promise.allSettled(Array.from({ length: calls }, () => sleeper.invoke({ ms })));
    let refused = 0;
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') {
        assert.equal(outcome.value.payload, 'awake');
        continue;
      }
      assert.ok(outcome.reason instanceof TooManyRequestsException, String(outcome.reason));
      assert.equal(outcome.reason.Reason, 'ReservedFunctionConcurrentInvocationLimitExceeded');
      assert.equal(outcome.reason.message, 'Rate Exceeded.');
      assert.match(outcome.reason.retryAfterSeconds ?? '', /^\d+$/);
      refused += 1;
    }
    return refused;
  }

  /** A function with one version. */
  async function deployVersion(): Promise<string> {
    const { name } = await deploy(client, { files: SLEEPER });
    await client.send(new PublishVersionCommand({ FunctionName: name }));
    return name;
  }

  test('of nothing reserved nothing runs, until the reservation is taken back', async () => {
    const before = await unreserved();
    await reserve(0);
    await waitFor('the limit on every gateway', async () => (await refusedOf(4, 1)) === 4);
    assert.equal(await unreserved(), before);
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await waitFor('its end on every gateway', async () => (await refusedOf(4, 1)) === 0);
  });

  test('of two reserved two run at once, and a third is refused', async () => {
    const before = await unreserved();
    await reserve(2);
    assert.equal(await unreserved(), before - 2);
    const { Concurrency } = await client.send(new GetFunctionCommand({ FunctionName }));
    assert.deepEqual(Concurrency, { ReservedConcurrentExecutions: 2 });
    await waitFor('the limit on every gateway', async () => (await refusedOf(4)) === 2);
    assert.equal(await refusedOf(3), 1);
    assert.equal(await refusedOf(2), 0);
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    assert.equal(await unreserved(), before);
    await waitFor('its end on every gateway', async () => (await refusedOf(4)) === 0);
  });

  test('a hundred are left to the others', async () => {
    await assert.rejects(reserve(await unreserved()), InvalidParameterValueException);
  });

  test('a deleted function gives its reservation back', async () => {
    const before = await unreserved();
    const other = await deploy(client, { files: SLEEPER });
    await client.send(
      new PutFunctionConcurrencyCommand({ FunctionName: other.name, ReservedConcurrentExecutions: 7 }),
    );
    assert.equal(await unreserved(), before - 7);
    await client.send(new DeleteFunctionCommand({ FunctionName: other.name }));
    assert.equal(await unreserved(), before);
  });

  test('what is provisioned comes to be ready, and is given back', async () => {
    const before = await unreserved();
    const named = { FunctionName: await deployVersion(), Qualifier: '1' };
    const asked = await client.send(
      new PutProvisionedConcurrencyConfigCommand({ ...named, ProvisionedConcurrentExecutions: 2 }),
    );
    assert.deepEqual([asked.$metadata.httpStatusCode, asked.Status], [202, 'IN_PROGRESS']);
    assert.equal(await unreserved(), before - 2);
    const ready = await waitFor('two to be ready', async () => {
      const config = await client.send(new GetProvisionedConcurrencyConfigCommand(named));
      assert.notEqual(config.Status, 'FAILED', config.StatusReason);
      return config.Status === 'READY' && config;
    });
    assert.deepEqual(
      [
        ready.RequestedProvisionedConcurrentExecutions,
        ready.AllocatedProvisionedConcurrentExecutions,
        ready.AvailableProvisionedConcurrentExecutions,
      ],
      [2, 2, 2],
    );
    await client.send(new DeleteProvisionedConcurrencyConfigCommand(named));
    await assert.rejects(
      client.send(new GetProvisionedConcurrencyConfigCommand(named)),
      ProvisionedConcurrencyConfigNotFoundException,
    );
    assert.equal(await unreserved(), before);
  });

  test('an alias takes what is provisioned for it along to another version', async () => {
    const named = { FunctionName: await deployVersion(), Qualifier: 'live' };
    const { FunctionName: name } = named;
    await client.send(new CreateAliasCommand({ FunctionName: name, Name: 'live', FunctionVersion: '1' }));
    const ready = () =>
      waitFor('it to be ready', async () => {
        const config = await client.send(new GetProvisionedConcurrencyConfigCommand(named));
        return config.Status === 'READY' && config.AllocatedProvisionedConcurrentExecutions === 1;
      });
    const before = await unreserved();
    await client.send(
      new PutProvisionedConcurrencyConfigCommand({ ...named, ProvisionedConcurrentExecutions: 1 }),
    );
    await ready();
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Timeout: 9 }));
    await waitUntilFunctionUpdatedV2({ client, ...WAIT }, { FunctionName: name });
    await client.send(new PublishVersionCommand({ FunctionName: name }));
    await client.send(new UpdateAliasCommand({ FunctionName: name, Name: 'live', FunctionVersion: '2' }));
    await ready();
    await waitFor('the version before to be given up', async () => (await unreserved()) === before - 1);
    await client.send(new DeleteFunctionCommand({ FunctionName: name }));
    assert.equal(await unreserved(), before);
  });

  test('boto3 goes through aliases, reserved and provisioned concurrency', async () => {
    const { stdout } = await run(TEST_TOOLS.python, [SCRIPT], { env: { ...lambent.clientEnvironment } });
    assert.deepEqual(JSON.parse(stdout), {
      weights: { 2: 0.5 },
      ran: ['1', '2'],
      weighted: [
        'InvalidParameterValueException',
        'Alias with weights can not be used with Provisioned Concurrency',
      ],
      single: true,
      aliases_of_1: ['live'],
      unknown_alias: 'ResourceNotFoundException',
      reserved: 5,
      account_less: 5,
      provisioned: 'IN_PROGRESS',
      beyond_reserved: 'InvalidParameterValueException',
      below_provisioned:
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
      listed: [2],
      none_provisioned: 'ProvisionedConcurrencyConfigNotFoundException',
      none_reserved: true,
      deleted_alias: 204,
      account_restored: true,
    });
  });

  test('the AWS CLI goes through them too', async () => {
    const name = await deployVersion();
    const aws = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
      const command = ['--output', 'json', 'lambda', ...args, '--function-name', name];
      const { stdout } = await run(TEST_TOOLS.awsCli, command, { env: { ...lambent.clientEnvironment } });
      return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
    };
    const live = ['--name', 'live', '--function-version', '1'];
    assert.equal((await aws('create-alias', ...live))['FunctionVersion'], '1');
    assert.equal(((await aws('list-aliases'))['Aliases'] as unknown[]).length, 1);
    const reserved = await aws('put-function-concurrency', '--reserved-concurrent-executions', '3');
    assert.deepEqual(reserved, { ReservedConcurrentExecutions: 3 });
    const one = ['--qualifier', 'live', '--provisioned-concurrent-executions', '1'];
    assert.equal((await aws('put-provisioned-concurrency-config', ...one))['Status'], 'IN_PROGRESS');
    const { ProvisionedConcurrencyConfigs } = await aws('list-provisioned-concurrency-configs');
    assert.equal((ProvisionedConcurrencyConfigs as unknown[]).length, 1);
    assert.deepEqual(await aws('delete-provisioned-concurrency-config', '--qualifier', 'live'), {});
    assert.deepEqual(await aws('delete-function-concurrency'), {});
    assert.deepEqual(await aws('get-function-concurrency'), {});
    assert.deepEqual(await aws('delete-alias', '--name', 'live'), {});
  });
});
