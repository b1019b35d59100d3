import { createRequestBytes, type Quotas } from '@lambent/core';
import { AwsError } from '../aws-error.ts';
import type { BodyLimit, BodyLimits } from '../aws-service.ts';

/** The deprecated asynchronous call keeps the quota it was born with. */
const INVOKE_ASYNC_BYTES = 262_144;
export function lambdaBodyLimits(quotas: Quotas): BodyLimits {
  const { invokeRequestBytes } = quotas;
  const packageBytes = createRequestBytes(quotas);
  return {
    // Nothing else carries more than names and settings; a durable execution's checkpoint carries a payload.
    otherwise: operation => limit(invokeRequestBytes, operation),
    byOperation: {
      CreateFunction: limit(packageBytes, 'CreateFunction'),
      UpdateFunctionCode: limit(packageBytes, 'UpdateFunctionCode'),
      PublishLayerVersion: limit(packageBytes, 'PublishLayerVersion'),
      Invoke: limit(invokeRequestBytes, 'InvokeFunction'),
      InvokeAsync: limit(INVOKE_ASYNC_BYTES, 'InvokeAsync'),
      InvokeWithResponseStream: limit(invokeRequestBytes, 'InvokeWithResponseStream'),
    },
  };
}

/** `saidAs` is the operation's name in AWS's text, which is not always the one in its model. */
function limit(maxBytes: number, saidAs: string): BodyLimit {
  const text = `Request must be smaller than ${maxBytes} bytes for the ${saidAs} operation`;
  return { maxBytes, refusal: () => new AwsError('RequestEntityTooLargeException', text) };
}
