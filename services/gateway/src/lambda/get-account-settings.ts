import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { QUOTAS } from '@lambent/core';
import { readDivision } from '@lambent/membership';
import type { LambdaBackend } from './lambda-backend.ts';

export function getAccountSettings({
  store,
  layers,
  registry,
  quotas,
}: LambdaBackend): Handler<LambdaInput<'GetAccountSettings'>, LambdaOutput<'GetAccountSettings'>> {
  return async () => {
    const [usage, layerBytes, division] = await Promise.all([
      store.usage(),
      layers.codeBytes(),
      readDivision(registry),
    ]);
    return {
      AccountLimit: {
        TotalCodeSize: QUOTAS.codeStorageBytes,
        CodeSizeUnzipped: quotas.codeUnzippedBytes,
        CodeSizeZipped: quotas.codeZippedBytes,
        ConcurrentExecutions: division.concurrency,
        UnreservedConcurrentExecutions: division.unreserved,
      },
      AccountUsage: { TotalCodeSize: usage.codeBytes + layerBytes, FunctionCount: usage.functions },
    };
  };
}
