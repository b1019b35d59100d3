import type { IncomingMessage } from 'node:http';
import type { UrlRecord } from '@lambent/functions';

type Cors = NonNullable<UrlRecord['cors']>;

/** Whether a browser asks what it may ask; answered without the function. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  );
}

/** What a browser is told of who may read the answer; nothing where its page may not. They win over the function's. */
export function corsHeaders(cors: Cors | undefined, request: IncomingMessage): Record<string, string> {
  const { origin } = request.headers;
  if (!cors || origin === undefined) return {};
  const { allowOrigins = [], allowCredentials = false, exposeHeaders = [] } = cors;
  if (!allowOrigins.includes('*') && !allowOrigins.includes(origin)) return {};
  return {
    'access-control-allow-origin': allowOrigins.includes('*') ? '*' : origin,
    vary: 'Origin',
    ...(allowCredentials && { 'access-control-allow-credentials': 'true' }),
    ...(exposeHeaders.length > 0 && { 'access-control-expose-headers': exposeHeaders.join(',') }),
    ...(isPreflight(request) && preflightHeaders(cors)),
  };
}

function preflightHeaders({ allowMethods = [], allowHeaders = [], maxAgeSeconds }: Cors) {
  return {
    ...(allowMethods.length > 0 && { 'access-control-allow-methods': allowMethods.join(',') }),
    ...(allowHeaders.length > 0 && { 'access-control-allow-headers': allowHeaders.join(',') }),
    ...(maxAgeSeconds !== undefined && { 'access-control-max-age': String(maxAgeSeconds) }),
  };
}
