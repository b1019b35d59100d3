import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsServer } from '@lambent/aws-api';
import type { Blobs } from '@lambent/blobs';
import type { Bus } from '@lambent/bus';
import type { EnvironmentSpec } from '@lambent/contracts';
import { AWS_QUOTAS, type Clock, type Quotas, type Random, sleep, type TlsMaterial } from '@lambent/core';
import type { AdminListener, Logger, Telemetry } from '@lambent/daemon';
import { MappingStore } from '@lambent/event-sources';
import type { FunctionLogs } from '@lambent/function-logs';
import {
  type AsyncQueues,
  CodeSigningStore,
  capacityProviders,
  FunctionCatalog,
  FunctionStore,
  LayerStore,
  logGroupOf,
} from '@lambent/functions';
import type { Registry } from '@lambent/registry';
import type { Invoker } from '@lambent/router';
import { Calls } from './calls/calls.ts';
import { ClientDoors } from './client-doors.ts';
import { CodeLinks } from './code-links.ts';
import { CodeSweep } from './code-sweep.ts';
import type { GatewayConfig } from './config.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { HttpListener } from './http-listener.ts';
import type { LambdaBackend } from './lambda/lambda-backend.ts';
import { LogReader } from './log-reader.ts';
import { publicApi } from './public-api.ts';
import { readSigningRoots } from './signing-roots.ts';
import { UrlHosts } from './urls/url-hosts.ts';

/**
 * The front door: the AWS API and invoking over gRPC on a listener each, functions' logs on the process's admin
 * listener.
 *
 * - ready: from when `openGateway` resolves.
 * - lingering: entered by dispose; `/readyz` says no, requests are still taken, so that load balancers notice.
 * - draining: no new connection is taken, requests in flight finish.
 * - closed: the listeners are gone. What was handed in stays open: it is not the gateway's.
 */
export interface Gateway extends AsyncDisposable {
  /** Where the AWS API is. */
  readonly url: string;
  /** `host:port` of invoking over gRPC. */
  readonly grpcAddress: string;
}

export interface GatewayOptions {
  readonly registry: Registry;
  readonly blobs: Blobs;
  readonly asyncQueues: Pick<AsyncQueues, 'enqueue'>;
  readonly invoker: Invoker;
  readonly logs: FunctionLogs;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Is told of readiness, and serves `/logs`. */
  readonly admin: AdminListener;
  readonly config: GatewayConfig;
  /** AWS's own when left out. */
  readonly quotas?: Quotas;
  /** What gRPC is served with; who calls then shows a certificate of the same authority. */
  readonly grpcTls?: TlsMaterial;
  /** Where clients invoke over NATS; without it they cannot. */
  readonly natsBus?: Bus;
  /** Whether some worker has the runtime. */
  runtimeAvailable(runtime: string): boolean;
  /** Has one environment started that nobody waits for. Tried for a while, no promise. */
  prepare(spec: EnvironmentSpec): void;
  /** Ends the environments of a function that is deleted. */
  retire(functionId: string): void;
}

export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, clock, logger, telemetry, admin } = options;
  const { host, port, insecureListen, gatewayDrainTimeoutMs: drainTimeoutMs } = config;
  await using stack = new AsyncDisposableStack();
  const catalog = stack.use(await openCatalog(options));
  const backend = await openBackend(options, catalog);

  const logReader = new LogReader({ logs: options.logs, logGroup: name => logGroup(catalog, name) });
  stack.use(logReader);
  stack.use(admin.serve('/logs', (url, ...exchange) => logReader.handle(url.searchParams, ...exchange)));
  const listener = { insecureListen, drainTimeoutMs, clock };
  const guard = guarded(logger);
  const metrics = new GatewayMetrics(telemetry);
  const api = stack.use(
    await HttpListener.open({ ...listener, host, port, handle: guard(publicApi(options, backend, metrics)) }),
  );
  const doors = stack.use(await ClientDoors.open(options, { ...backend, metrics }));
  // All at once: whoever finds one closing should find them all so.
  stack.defer(async () => {
    await Promise.all([api[Symbol.asyncDispose](), doors[Symbol.asyncDispose]()]);
  });
  stack.use(CodeSweep.start({ ...options, everyMs: config.codeSweepMs }));
  stack.defer(async () => {
    admin.is('draining');
    doors.leave();
    await sleep(clock, config.readinessLingerMs);
  });
  admin.is('ready');
  const addresses = { url: api.url, grpcAddress: doors.grpcAddress };
  logger.info(addresses, 'gateway listening');
  const owned = stack.move();
  let closed: Promise<void> | undefined;
  return {
    ...addresses,
    [Symbol.asyncDispose]: () => (closed ??= owned.disposeAsync()),
  };
}

function openCatalog({ registry, clock, random, config, logger }: GatewayOptions): Promise<FunctionCatalog> {
  const { accountId, region } = config;
  const onWatchBroken = (err: unknown) => logger.warn({ err }, 'the watch on functions broke');
  return FunctionCatalog.open({ registry, clock, random, accountId, region, onWatchBroken });
}

async function openBackend(options: GatewayOptions, catalog: FunctionCatalog): Promise<LambdaBackend> {
  const { registry, clock, random, config, logger, quotas = AWS_QUOTAS } = options;
  const { accountId, region } = config;
  const untrusted = options.telemetry.counter(
    'lambent_gateway_untrusted_deployments',
    'Packages and layers deployed although their signatures are not trusted, since the function only warns.',
  );
  return {
    ...options,
    quotas,
    accountId,
    region,
    calls: new Calls({ ...options, accountId, region, quotas, catalog }),
    store: new FunctionStore({ registry, clock, random, accountId, observer: catalog }),
    mappings: new MappingStore({ registry, random, accountId }),
    codeSigning: new CodeSigningStore({ registry, random, accountId }),
    signingRoots: await readSigningRoots(config.codeSigningRoots),
    capacityProviders: capacityProviders({ registry, random, accountId }),
    layers: new LayerStore({ registry, random, accountId }),
    codeLinks: await CodeLinks.open(options),
    urlHosts: new UrlHosts(options.config),
    onUntrusted: deployment => {
      untrusted.add(1);
      logger.warn(deployment, 'deployed with a signature that is not trusted');
    },
    onTrouble: (err, requestId) => logger.error({ err, requestId }, 'a request failed by our own fault'),
  };
}

async function logGroup(catalog: FunctionCatalog, name: string): Promise<string> {
  const resolution = await catalog.resolve({ name });
  // A deleted function's logs are still there, under the usual name.
  if (resolution.kind !== 'found') return `/aws/lambda/${name}`;
  return logGroupOf(name, resolution.version.configuration);
}

/** A request that fails midway ends its connection. */
function guarded(logger: Logger) {
  return (api: AwsServer) => (request: IncomingMessage, response: ServerResponse) =>
    void api.handle(request, response).catch((err: NodeJS.ErrnoException) => {
      // A client that left is no news.
      if (err.code !== 'ERR_STREAM_PREMATURE_CLOSE') logger.error({ err }, 'a request failed midway');
      response.destroy();
    });
}
