import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateCapacityProviderCommand,
  type CreateCapacityProviderCommandInput,
  CreateFunctionCommand,
  DeleteCapacityProviderCommand,
  DeleteFunctionCommand,
  GetCapacityProviderCommand,
  GetFunctionConfigurationCommand,
  GetFunctionScalingConfigCommand,
  ListCapacityProvidersCommand,
  ListFunctionVersionsByCapacityProviderCommand,
  ListTagsCommand,
  PublishVersionCommand,
  PutFunctionScalingConfigCommand,
  TagResourceCommand,
  UpdateCapacityProviderCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ARN, CREATE, openTestGateway, ROLE, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const PROVIDER = 'arn:aws:lambda:us-east-1:000000000000:capacity-provider:p';

function create({ client }: TestGateway, input: Partial<CreateCapacityProviderCommandInput> = {}) {
  return client.send(
    new CreateCapacityProviderCommand({
      CapacityProviderName: 'p',
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: [] },
      PermissionsConfig: { CapacityProviderOperatorRoleArn: ROLE },
      ...input,
    }),
  );
}

async function get({ client }: TestGateway, CapacityProviderName = 'p') {
  return (await client.send(new GetCapacityProviderCommand({ CapacityProviderName }))).CapacityProvider;
}

const on = (CapacityProviderArn: string) => ({
  CapacityProviderConfig: {
    LambdaManagedInstancesCapacityProviderConfig: {
      CapacityProviderArn,
      PerExecutionEnvironmentMaxConcurrency: 4,
    },
  },
});

/** With a provider, and the function f on it. */
async function openWithFunction(): Promise<TestGateway> {
  const open = await openTestGateway();
  await create(open);
  await open.client.send(new CreateFunctionCommand({ ...CREATE, ...on(PROVIDER) }));
  return open;
}

suite('A capacity provider', () => {
  test("is created with AWS's defaults, got by name and by ARN, updated and deleted", async () => {
    await using open = await openTestGateway();
    const { $metadata, CapacityProvider } = await create(open);
    assert.deepEqual([$metadata.httpStatusCode, CapacityProvider?.State], [202, 'Pending']);
    const got = await get(open);
    assert.deepEqual(got, {
      CapacityProviderArn: PROVIDER,
      State: 'Active',
      LastModified: got?.LastModified,
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: [] },
      PermissionsConfig: { CapacityProviderOperatorRoleArn: ROLE },
      CapacityProviderScalingConfig: { MaxVCpuCount: 400, ScalingMode: 'Auto' },
    });
    assert.deepEqual(await get(open, PROVIDER), got);
    const scaling = {
      ScalingMode: 'Manual' as const,
      ScalingPolicies: [
        { PredefinedMetricType: 'LambdaCapacityProviderAverageCPUUtilization' as const, TargetValue: 50 },
      ],
    };
    await open.client.send(
      new UpdateCapacityProviderCommand({
        CapacityProviderName: 'p',
        CapacityProviderScalingConfig: scaling,
      }),
    );
    assert.deepEqual((await get(open))?.CapacityProviderScalingConfig, { MaxVCpuCount: 400, ...scaling });
    const remove = () => open.client.send(new DeleteCapacityProviderCommand({ CapacityProviderName: 'p' }));
    assert.equal((await remove()).CapacityProvider?.State, 'Deleting');
    const gone = refusedWith('ResourceNotFoundException', `Capacity provider not found: ${PROVIDER}`);
    await assert.rejects(get(open), gone);
    await assert.rejects(remove(), gone);
  });

  test('is refused where it is there already, or contradicts itself', async () => {
    await using open = await openTestGateway();
    await create(open);
    await assert.rejects(create(open), refusedWith('ResourceConflictException', /already exists/));
    const refused = async (input: Partial<CreateCapacityProviderCommandInput>, message: RegExp) =>
      assert.rejects(
        create(open, { CapacityProviderName: 'q', ...input }),
        refusedWith('InvalidParameterValueException', message),
      );
    await refused({ CapacityProviderScalingConfig: { ScalingMode: 'Manual' } }, /ScalingPolicies must be/);
    await refused(
      { InstanceRequirements: { AllowedInstanceTypes: ['m7g.*'], ExcludedInstanceTypes: ['m7i.*'] } },
      /cannot be used together/,
    );
    await assert.rejects(
      create(open, { VpcConfig: { SubnetIds: [], SecurityGroupIds: [] } }),
      refusedWith('ValidationException', /'vpcConfig.subnetIds' failed to satisfy constraint/),
    );
    await assert.rejects(
      get(open, PROVIDER.replace('us-east-1', 'eu-west-1')),
      refusedWith('ResourceNotFoundException', /eu-west-1/),
    );
  });

  test('is listed page by page, and has tags', async () => {
    await using open = await openTestGateway();
    for (const CapacityProviderName of ['p', 'q', 'r']) await create(open, { CapacityProviderName });
    const list = async (input = {}) => {
      const { CapacityProviders = [], NextMarker } = await open.client.send(
        new ListCapacityProvidersCommand(input),
      );
      return { names: CapacityProviders.map(one => one.CapacityProviderArn?.split(':').at(-1)), NextMarker };
    };
    const first = await list({ MaxItems: 2 });
    assert.deepEqual(first.names, ['p', 'q']);
    assert.deepEqual((await list({ Marker: first.NextMarker })).names, ['r']);
    assert.deepEqual((await list({ State: 'Failed' })).names, []);
    await open.client.send(new TagResourceCommand({ Resource: PROVIDER, Tags: { a: '1' } }));
    assert.deepEqual((await open.client.send(new ListTagsCommand({ Resource: PROVIDER }))).Tags, { a: '1' });
  });
});

suite('A function on a capacity provider', () => {
  test('names one that is there, from its creation on', async () => {
    await using open = await openWithFunction();
    const { CapacityProviderConfig } = await open.client.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'f' }),
    );
    assert.deepEqual(CapacityProviderConfig, on(PROVIDER).CapacityProviderConfig);
    const elsewhere = on(`${PROVIDER}2`);
    await assert.rejects(
      open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'g', ...elsewhere })),
      refusedWith('ResourceNotFoundException', `Capacity provider not found: ${PROVIDER}2`),
    );
    await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'g' }));
    await assert.rejects(
      open.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'g', ...on(PROVIDER) })),
      refusedWith('InvalidParameterValueException', /only when a function is created/),
    );
  });

  test('is listed version by version, and keeps its provider from being deleted', async () => {
    await using open = await openWithFunction();
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'e' }));
    await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'g', ...on(PROVIDER) }));
    const list = async (input = {}) => {
      const command = new ListFunctionVersionsByCapacityProviderCommand({
        CapacityProviderName: 'p',
        ...input,
      });
      const { FunctionVersions = [], NextMarker } = await open.client.send(command);
      return { versions: FunctionVersions.map(version => version.FunctionArn), NextMarker };
    };
    const latestOfG = `${ARN.replace(/f$/, 'g')}:$LATEST`;
    assert.deepEqual((await list()).versions, [`${ARN}:$LATEST`, `${ARN}:1`, latestOfG]);
    const first = await list({ MaxItems: 1 });
    assert.deepEqual(first.versions, [`${ARN}:$LATEST`]);
    const rest = await list({ Marker: first.NextMarker });
    assert.deepEqual([rest.versions, rest.NextMarker], [[`${ARN}:1`, latestOfG], undefined]);
    const remove = () => open.client.send(new DeleteCapacityProviderCommand({ CapacityProviderName: 'p' }));
    await assert.rejects(remove(), refusedWith('ResourceConflictException', /in use by function versions/));
    for (const FunctionName of ['f', 'g'])
      await open.client.send(new DeleteFunctionCommand({ FunctionName }));
    await remove();
  });

  test('is told how many environments a published version may have, and says what was asked', async () => {
    await using open = await openWithFunction();
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    const put = (scaling?: object, Qualifier = '1') =>
      open.client.send(
        new PutFunctionScalingConfigCommand({
          FunctionName: 'f',
          Qualifier,
          ...(scaling && { FunctionScalingConfig: scaling }),
        }),
      );
    const got = async () => {
      const command = new GetFunctionScalingConfigCommand({ FunctionName: 'f', Qualifier: '1' });
      const { $metadata: _, ...shown } = await open.client.send(command);
      return shown;
    };
    const scaling = { MinExecutionEnvironments: 1, MaxExecutionEnvironments: 3 };
    const { $metadata, FunctionState } = await put(scaling);
    assert.deepEqual([$metadata.httpStatusCode, FunctionState], [202, 'Active']);
    assert.deepEqual(await got(), { FunctionArn: `${ARN}:1`, RequestedFunctionScalingConfig: scaling });
    await put();
    assert.deepEqual(await got(), { FunctionArn: `${ARN}:1` });
    await assert.rejects(
      put({ MinExecutionEnvironments: 4, MaxExecutionEnvironments: 3 }),
      refusedWith('InvalidParameterValueException', /must not be greater/),
    );
    await assert.rejects(
      put(scaling, '2'),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:2`),
    );
    await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'g', Publish: true }));
    await assert.rejects(
      open.client.send(new GetFunctionScalingConfigCommand({ FunctionName: 'g', Qualifier: '1' })),
      refusedWith('InvalidParameterValueException', /only for functions with a capacity provider/),
    );
  });
});
