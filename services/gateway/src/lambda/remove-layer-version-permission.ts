import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeLayerPolicy } from './change-layer-policy.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { withoutStatement } from './policy-statements.ts';

export function removeLayerVersionPermission(
  backend: LambdaBackend,
): Handler<LambdaInput<'RemoveLayerVersionPermission'>, LambdaOutput<'RemoveLayerVersionPermission'>> {
  return async input =>
    changeLayerPolicy(backend, input, before => ({
      document: withoutStatement(before, input.StatementId),
      result: () => ({}),
    }));
}
