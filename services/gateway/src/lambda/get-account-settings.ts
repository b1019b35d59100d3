import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { QUOTAS } from '@lambent/core';
import type { LambdaBackend } from './lambda-backend.ts';

export function getAccountSettings({
  store,
}: LambdaBackend): Handler<LambdaInput<'GetAccountSettings'>, LambdaOutput<'GetAccountSettings'>> {
  return async () => {
    const usage = await store.usage();
    return {
      AccountLimit: {
        TotalCodeSize: QUOTAS.codeStorageBytes,
        CodeSizeUnzipped: QUOTAS.codeUnzippedBytes,
        CodeSizeZipped: QUOTAS.codeZippedBytes,
        ConcurrentExecutions: QUOTAS.accountConcurrency,
        // No function reserves any yet.
        UnreservedConcurrentExecutions: QUOTAS.accountConcurrency,
      },
      AccountUsage: { TotalCodeSize: usage.codeBytes, FunctionCount: usage.functions },
    };
  };
}
