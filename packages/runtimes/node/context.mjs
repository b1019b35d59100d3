/** Node.js 24 took the callback and the context's methods away. */
export const HAS_CALLBACKS = Number.parseInt(process.versions.node, 10) < 24;

/** What the handler's context holds in every invocation. */
export function readEnvironment() {
  const { env } = process;
  return {
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
  };
}

/** What it holds in this one. */
export function readHead(head) {
  const { deadlineMs } = head;
  return {
    clientContext: head.clientContext === undefined ? undefined : JSON.parse(head.clientContext),
    identity: undefined,
    invokedFunctionArn: head.arn,
    awsRequestId: head.requestId,
    tenantId: head.tenantId,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}
