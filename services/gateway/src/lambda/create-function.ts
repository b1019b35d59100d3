import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { newFunction } from '@lambent/functions';
import { chooseCapacityProvider } from './capacity-provider-choice.ts';
import { checkSignatures } from './check-signatures.ts';
import { chosenConfiguration, DEFAULT_CONFIGURATION } from './chosen-configuration.ts';
import { checkTotalSize, chooseLayers, withLayers } from './chosen-layers.ts';
import { codeSigningId, signedBy } from './code-signing-use.ts';
import { FunctionAddress } from './function-address.ts';
import { toFunctionConfiguration } from './function-configuration.ts';
import { type LambdaBackend, stampOf } from './lambda-backend.ts';
import { firstPublication } from './publication.ts';
import { invalidParameter } from './refusals.ts';
import { checkTags } from './resource-tags.ts';
import { standBy } from './snap-start.ts';
import { refuseUnsupported } from './unsupported-members.ts';
import { checkUpload, storeUpload } from './uploaded-code.ts';

type Input = LambdaInput<'CreateFunction'>;

export function createFunction(backend: LambdaBackend): Handler<Input, LambdaOutput<'CreateFunction'>> {
  return async input => {
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    refuseUnsupported(input);
    if (!input.Runtime || !input.Handler)
      throw invalidParameter(
        'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      );
    const tags = { ...input.Tags };
    checkTags(tags);
    const [architecture = DEFAULT_CONFIGURATION.architecture] = input.Architectures ?? [];
    const tenantIsolation = input.TenancyConfig?.TenantIsolationMode;
    const capacityProvider = await chooseCapacityProvider(backend, input.CapacityProviderConfig);
    const base = {
      ...DEFAULT_CONFIGURATION,
      architecture,
      ...(tenantIsolation && { tenantIsolation }),
      ...(capacityProvider && { capacityProvider }),
    };
    const configuration = chosenConfiguration(backend, base, input);
    const upload = await checkUpload(backend, input.Code?.ZipFile);
    const layers = await chooseLayers(backend, input.Layers ?? []);
    checkTotalSize(backend, upload, layers.chosen);
    const taken = new AwsError('ResourceConflictException', `Function already exist: ${address.name}`);
    // Asked before the code is stored, too, so that a repeated create stores nothing.
    if (await backend.store.read(address.name)) throw taken;
    await checkSignatures(backend, address.name, {
      configId: codeSigningId(backend, input.CodeSigningConfigArn),
      code: upload,
      layers: layers.chosen,
    });

    const stamp = stampOf(backend);
    const made = newFunction(
      {
        id: backend.random.uuid(),
        accountId: backend.accountId,
        name: address.name,
        tags,
        code: await storeUpload(backend, upload),
        configuration: withLayers(configuration, layers.chosen),
      },
      stamp,
    );
    const { record, alongside } = await signedBy(backend, made, input.CodeSigningConfigArn);
    const publication = input.Publish
      ? await firstPublication(backend, record, { publishTo: input.PublishTo, stamp })
      : undefined;
    const created = await backend.store.create(publication?.record ?? record, {
      ...(publication && { publish: publication.version }),
      alongside: {
        compare: [...layers.unchanged.compare, ...alongside.compare],
        write: alongside.write,
      },
    });
    if (!created) {
      // Says so where a layer or the configuration is gone by now; else somebody was faster.
      await chooseLayers(backend, input.Layers ?? []);
      await signedBy(backend, made, input.CodeSigningConfigArn);
      throw taken;
    }
    if (publication) standBy(backend, publication);
    return toFunctionConfiguration({
      record,
      version: publication?.version ?? record.latest,
      region: backend.region,
      // AWS answers with the function's own ARN, also when it published.
      qualifier: undefined,
      moment: { kind: 'creating', revisionId: backend.random.uuid() },
    });
  };
}
