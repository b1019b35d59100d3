import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** The bounds of an HTTP listener. */
export interface HttpLimits {
  /** Request line and headers: a session token, a client context and an ARN in the path are well within. */
  readonly headerBytes: number;
  /** Headers beyond this many are not even looked at. */
  readonly headers: number;
  /** For the head of a request to arrive. */
  readonly headersTimeoutMs: number;
  /** For a whole request to arrive; how long its answer takes is not counted. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept: longer than load balancers do (60 s), so that they close first. */
  readonly keepAliveTimeoutMs: number;
  /** After these a connection is closed, so that clients spread anew over what is behind a load balancer. */
  readonly requestsPerConnection: number;
  /** Further connections are dropped. */
  readonly connections: number;
  /** How often the timeouts are looked after. */
  readonly checkIntervalMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  headerBytes: 65_536,
  headers: 256,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 300_000,
  keepAliveTimeoutMs: 65_000,
  requestsPerConnection: 100_000,
  connections: 10_000,
  checkIntervalMs: 2_000,
};

/**
 * A server that is strict about what a request is: whatever could be read in two ways (two lengths, a length and
 * chunks, a line ended by half) is answered with 400 and the connection closed, by Node's own strict parser.
 */
export function createHttpServer(options: {
  handle(request: IncomingMessage, response: ServerResponse): void;
  limits?: Partial<HttpLimits>;
}): Server {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const server = createServer(
    {
      insecureHTTPParser: false,
      requireHostHeader: true,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
    },
    (request, response) => options.handle(request, response),
  );
  server.maxHeadersCount = limits.headers;
  server.maxRequestsPerSocket = limits.requestsPerConnection;
  server.maxConnections = limits.connections;
  return server;
}
