import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { withLatest } from '@lambent/functions';
import { chooseCapacityProvider, withCapacityProvider } from './capacity-provider-choice.ts';
import { changeFunction } from './change-function.ts';
import { checkSignatures } from './check-signatures.ts';
import { chosenConfiguration } from './chosen-configuration.ts';
import { checkTotalSize, chooseLayers, withLayers } from './chosen-layers.ts';
import { FunctionAddress } from './function-address.ts';
import { toFunctionConfiguration } from './function-configuration.ts';
import { type LambdaBackend, stampOf } from './lambda-backend.ts';
import { checkRevision } from './refusals.ts';
import { refuseUnsupported } from './unsupported-members.ts';

export function updateFunctionConfiguration(
  backend: LambdaBackend,
): Handler<LambdaInput<'UpdateFunctionConfiguration'>, LambdaOutput<'UpdateFunctionConfiguration'>> {
  return async input => {
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    refuseUnsupported(input);
    const provider = await chooseCapacityProvider(backend, input.CapacityProviderConfig);
    return changeFunction(backend, address, async record => {
      checkRevision(input.RevisionId, record.latest.revisionId);
      const { code, configuration: before } = record.latest;
      const layers = input.Layers && (await chooseLayers(backend, input.Layers));
      if (layers) {
        checkTotalSize(backend, code, layers.chosen);
        const configId = record.codeSigningConfigId;
        await checkSignatures(backend, address.name, { configId, layers: layers.chosen });
      }
      const chosen = layers?.chosen ?? before.layers ?? [];
      const configuration = withLayers(
        chosenConfiguration(backend, withCapacityProvider(before, provider), input),
        chosen,
      );
      const updated = withLatest(record, { configuration }, stampOf(backend));
      const result = toFunctionConfiguration({
        record: updated,
        version: updated.latest,
        region: backend.region,
        qualifier: undefined,
        moment: { kind: 'updating', revisionId: backend.random.uuid() },
      });
      return { record: updated, result, ...(layers && { alongside: layers.unchanged }) };
    });
  };
}
