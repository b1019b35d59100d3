/** Functions that keep their tenants apart: no environment ever serves two of them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CreateFunctionUrlConfigCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type LambdaClient,
  PublishVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
} from '@aws-sdk/client-lambda';
import { waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { pythonRuntime } from '../python-runtime.ts';
import { openTarget, type Target } from './target.ts';

/** Says who it serves, and whom this environment served before: in its memory and in its files. */
const NODE = {
  'index.mjs': `
import { appendFileSync, readFileSync } from 'node:fs';
const served = [];
export const handler = async (event, context) => {
  served.push(context.tenantId);
  appendFileSync('/tmp/served', context.tenantId + '\\n');
  console.log('serves', context.tenantId);
  return { tenant: context.tenantId, served, files: readFileSync('/tmp/served', 'utf8').trim().split('\\n') };
};`,
};
const PYTHON = {
  'index.py': `
served = []
def handler(event, context):
    served.append(context.tenant_id)
    return {"tenant": context.tenant_id, "served": served}
`,
};

interface Served {
  readonly tenant: string;
  readonly served: readonly string[];
  readonly files?: readonly string[];
}

describe('tenants', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  const serve = async (fn: DeployedFunction, TenantId: string): Promise<Served> => {
    const { payload, functionError } = await fn.invoke({}, { TenantId });
    assert.equal(functionError, undefined);
    return payload as Served;
  };

  for (const [language, plan] of [
    ['Node.js', { files: NODE }],
    ['Python', { files: PYTHON, runtime: pythonRuntime() }],
  ] as const)
    test(`never share an environment of a ${language} function, and find their own warm`, async () => {
      const fn = await deploy(client, { ...plan, perTenant: true });
      const tenants = ['blue', 'red', 'a b/c:@+=-._'];
      for (const _ of [1, 2, 3])
        await Promise.all(
          tenants.map(async tenant => {
            const { served, files = [], ...said } = await serve(fn, tenant);
            assert.equal(said.tenant, tenant);
            assert.deepEqual(new Set([...served, ...files]), new Set([tenant]));
          }),
        );
      const { served } = await serve(fn, 'blue');
      assert.ok(served.length > 1, 'an environment that is warm is used again by its tenant');
    });

  test('are told apart in events as well', async () => {
    const { name: FunctionName } = await deploy(client, { files: NODE, perTenant: true });
    for (const TenantId of ['blue', 'red'])
      await client.send(new InvokeCommand({ FunctionName, TenantId, InvocationType: 'Event' }));
    await waitFor('both tenants were served', async () => {
      const log = (await readFunctionLog(lambent, FunctionName)).join('\n');
      return /serves blue/.test(log) && /serves red/.test(log);
    });
  });

  test('are named exactly where a function keeps them apart', async () => {
    const isolating = await deploy(client, { files: NODE, perTenant: true });
    const plain = await deploy(client, { files: NODE });
    const refused = (fn: DeployedFunction, message: RegExp, TenantId?: string) =>
      assert.rejects(fn.invoke({}, { TenantId }), { name: 'InvalidParameterValueException', message });
    await refused(isolating, /^The invoked function is enabled with tenancy configuration\. Add a valid/);
    await refused(plain, /^The invoked function is not enabled with tenancy configuration\./, 'blue');
    await assert.rejects(isolating.invoke({}, { TenantId: 'blue!' }), { name: 'ValidationException' });
    const { TenancyConfig } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: isolating.name }),
    );
    assert.deepEqual(TenancyConfig, { TenantIsolationMode: 'PER_TENANT' });
  });

  test("leave no room for what would be nobody's", async () => {
    const { name: FunctionName } = await deploy(client, { files: NODE, perTenant: true });
    const { Version: Qualifier = '' } = await client.send(new PublishVersionCommand({ FunctionName }));
    const refused = { name: 'InvalidParameterValueException', message: /with tenancy configuration\.$/ };
    const url = new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' });
    await assert.rejects(client.send(url), refused);
    const provisioned = { FunctionName, Qualifier, ProvisionedConcurrentExecutions: 1 };
    await assert.rejects(client.send(new PutProvisionedConcurrencyConfigCommand(provisioned)), refused);
  });
});
