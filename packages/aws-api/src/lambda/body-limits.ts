import { QUOTAS } from '@lambent/core';
import { AwsError } from '../aws-error.ts';
import type { BodyLimit, BodyLimits } from '../aws-service.ts';

/** The deprecated asynchronous call keeps the quota it was born with. */
const INVOKE_ASYNC_BYTES = 262_144;
/** Of a layer's version, whose package may be as large as a function's. */
const LAYER_BYTES = QUOTAS.createRequestBytes;
/** Nothing else carries more than names and settings; a durable execution's checkpoint carries a payload. */
const OTHER_BYTES = QUOTAS.invokeRequestBytes;

export const LAMBDA_BODY_LIMITS: BodyLimits = {
  otherwise: operation => limit(OTHER_BYTES, operation),
  byOperation: {
    CreateFunction: limit(QUOTAS.createRequestBytes, 'CreateFunction'),
    UpdateFunctionCode: limit(QUOTAS.createRequestBytes, 'UpdateFunctionCode'),
    PublishLayerVersion: limit(LAYER_BYTES, 'PublishLayerVersion'),
    Invoke: limit(QUOTAS.invokeRequestBytes, 'InvokeFunction'),
    InvokeAsync: limit(INVOKE_ASYNC_BYTES, 'InvokeAsync'),
    InvokeWithResponseStream: limit(QUOTAS.invokeRequestBytes, 'InvokeWithResponseStream'),
  },
};

/** `saidAs` is the operation's name in AWS's text, which is not always the one in its model. */
function limit(maxBytes: number, saidAs: string): BodyLimit {
  const text = `Request must be smaller than ${maxBytes} bytes for the ${saidAs} operation`;
  return { maxBytes, refusal: () => new AwsError('RequestEntityTooLargeException', text) };
}
