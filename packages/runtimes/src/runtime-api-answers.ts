import type { ServerResponse } from 'node:http';

/** An error of the Runtime API, in AWS's words: runtimes show them, and some look for them. */
export interface ApiError {
  readonly status: number;
  readonly errorType: string;
  readonly errorMessage: string;
}

export const API_ERRORS = {
  invalidRequestId: { status: 400, errorType: 'InvalidRequestID', errorMessage: 'Invalid request ID' },
  invalidInvocationId: {
    status: 400,
    errorType: 'InvalidInvocationId',
    errorMessage: 'Invalid invocation ID',
  },
  invalidResponseMode: {
    status: 400,
    errorType: 'InvalidFunctionResponseMode',
    errorMessage: 'Invalid function response mode',
  },
  truncated: {
    status: 400,
    errorType: 'TruncatedHTTPRequest',
    errorMessage: 'HTTP request detected as truncated',
  },
  noSnapStart: {
    status: 403,
    errorType: 'InvalidStateTransition',
    errorMessage: 'Restoring belongs to SnapStart, which this environment was not started with',
  },
  noExtensions: {
    status: 501,
    errorType: 'Extension.NotSupported',
    errorMessage: 'Lambent does not serve the Extensions API yet',
  },
  noTelemetry: {
    status: 202,
    errorType: 'Telemetry.NotSupported',
    errorMessage: 'Lambent does not serve the Telemetry API yet',
  },
  unknownPath: { status: 404, errorType: 'NotFound', errorMessage: 'The Runtime API has no such path' },
} as const satisfies Record<string, ApiError>;

export function tooLarge(maxBytes: number): ApiError {
  const errorMessage = `Exceeded maximum allowed payload size (${maxBytes} bytes).`;
  return { status: 413, errorType: 'RequestEntityTooLarge', errorMessage };
}

export function invalidTransition(from: string, to: string): ApiError {
  const errorMessage = `Transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`;
  return { status: 403, errorType: 'InvalidStateTransition', errorMessage };
}

export function accept(response: ServerResponse): void {
  sendJson(response, 202, { status: 'OK' });
}

export function refuse(response: ServerResponse, error: ApiError): void {
  const { status, errorMessage, errorType } = error;
  sendJson(response, status, { errorMessage, errorType });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = `${JSON.stringify(value)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}
