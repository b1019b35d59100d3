import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateAliasCommand,
  GetProvisionedConcurrencyConfigCommand,
  PublishVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { type LambentProcess, waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { type Role, RunningCluster } from './running-cluster.ts';

/** Tells what it was started for and in which version. */
const TELLER = {
  'index.mjs': `export const handler = async () =>
    [process.env.AWS_LAMBDA_INITIALIZATION_TYPE, process.env.AWS_LAMBDA_FUNCTION_VERSION].join(' ');`,
};
const PROVISIONED = 4;
/** More than it takes a worker to be missed, and environments to come up elsewhere. */
const PATIENCE = { timeoutMs: 60_000 };

test('what is provisioned comes up on other workers when one dies, and stays while an alias moves', async () => {
  const roles: readonly Role[] = ['placement', 'worker', 'gateway', 'events'];
  await using cluster = await RunningCluster.start({ roles });
  const other = await cluster.add('worker');
  const client = cluster.the('gateway').client();
  const { name: FunctionName, invoke } = await deployed();
  const publish = async () => (await client.send(new PublishVersionCommand({ FunctionName }))).Version;
  const alias = { FunctionName, Name: 'live' };
  await client.send(new CreateAliasCommand({ ...alias, FunctionVersion: await publish() }));
  const request = { FunctionName, Qualifier: alias.Name };
  await client.send(
    new PutProvisionedConcurrencyConfigCommand({ ...request, ProvisionedConcurrentExecutions: PROVISIONED }),
  );
  const ready = () => waitFor('ready', async () => (await standing()).Status === 'READY', PATIENCE);
  await ready();
  assert.deepEqual(await heldBy([cluster.the('worker'), other]), [2, 2]);
  assert.equal(await invoke(), 'provisioned-concurrency 1');

  await other.kill9();
  await waitFor(
    'all on the one',
    async () => (await heldBy([cluster.the('worker')]))[0] === PROVISIONED,
    PATIENCE,
  );
  await ready();

  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 7 }));
  await client.send(new UpdateAliasCommand({ ...alias, FunctionVersion: await publish() }));
  const heard = new Set<string>();
  await waitFor(
    'the next version',
    async () => {
      heard.add(String(await invoke()));
      return heard.has('provisioned-concurrency 2') && (await standing()).Status === 'READY';
    },
    PATIENCE,
  );
  assert.deepEqual(
    [...heard].filter(said => !said.startsWith('provisioned-concurrency')),
    [],
  );

  async function deployed() {
    const made = await deploy(client, { files: TELLER });
    return { name: made.name, invoke: async () => (await made.invoke({}, { Qualifier: 'live' })).payload };
  }

  function standing() {
    return client.send(new GetProvisionedConcurrencyConfigCommand(request));
  }
});

/** How many provisioned environments each of them says that it has. */
function heldBy(workers: readonly LambentProcess[]): Promise<number[]> {
  return Promise.all(
    workers.map(async ({ adminUrl }) => {
      const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
      return Number(/^lambent_worker_environments_provisioned(?:\{[^}]*\})? (\d+)$/m.exec(metrics)?.[1]);
    }),
  );
}
