import type { IncomingMessage } from 'node:http';
import type { UrlCaller } from './url-signers.ts';

export interface UrlRequest {
  readonly request: IncomingMessage;
  readonly urlId: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly body: Uint8Array;
  readonly requestId: string;
  readonly traceHeader: string;
  readonly nowMs: number;
  readonly caller: UrlCaller | undefined;
}

/** What a function is told of a request to its URL: API Gateway's payload, version 2.0. */
export function urlEvent(url: UrlRequest) {
  const { request, urlId, target, body, requestId, traceHeader, nowMs, caller } = url;
  const { method = '', httpVersion } = request;
  const [rawPath = '/', ...afterwards] = target.split('?');
  const rawQueryString = afterwards.join('?');
  const { cookie, ...headers } = joinedHeaders(request.rawHeaders);
  const domainName = headers['host'] ?? '';
  const isBase64Encoded = body.length > 0 && !TEXT.test(headers['content-type'] ?? '');
  const query = joined(new URLSearchParams(rawQueryString));
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split(/; */) }),
    headers: {
      ...headers,
      ...(traceHeader !== '' && { 'x-amzn-trace-id': traceHeader }),
      'x-forwarded-for': headers['x-forwarded-for'] ?? sourceIpOf(request),
      'x-forwarded-proto': headers['x-forwarded-proto'] ?? 'http',
      'x-forwarded-port': headers['x-forwarded-port'] ?? String(request.socket.localPort ?? ''),
    },
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    requestContext: {
      accountId: caller?.accountId ?? 'anonymous',
      apiId: urlId,
      ...(caller && {
        authorizer: { iam: { ...caller, cognitoIdentity: null, principalOrgId: null } },
      }),
      domainName,
      domainPrefix: urlId,
      http: {
        method,
        path: rawPath,
        protocol: `HTTP/${httpVersion}`,
        sourceIp: sourceIpOf(request),
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(nowMs),
      timeEpoch: nowMs,
    },
    ...(body.length > 0 && { body: Buffer.from(body).toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

/** Everything else is given as base64, also what forms send, as AWS does. */
const TEXT = /^\s*(text\/|application\/(json|javascript|xml)|[^;]+\+(json|xml))/i;

/** Names in lower case; what was sent more than once, with commas between. */
function joinedHeaders(raw: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]?.toLowerCase() ?? '';
    const value = raw[at + 1] ?? '';
    const before = headers[name];
    const between = name === 'cookie' ? '; ' : ',';
    headers[name] = before === undefined ? value : `${before}${between}${value}`;
  }
  return headers;
}

function joined(query: URLSearchParams): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of query) {
    const before = values[name];
    values[name] = before === undefined ? value : `${before},${value}`;
  }
  return values;
}

function sourceIpOf({ socket }: IncomingMessage): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

/** As `12/Mar/2020:19:03:58 +0000`. */
function commonLogTime(nowMs: number): string {
  const [, day, month, year, time] =
    /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date(nowMs).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
