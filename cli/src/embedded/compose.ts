import { join } from 'node:path';
import type { Clock, Random } from '@lambent/core';
import { AdminListener, type Logger, openTelemetry } from '@lambent/daemon';
import { openGateway } from '@lambent/gateway';
import { EmbeddedNetwork } from '@lambent/link';
import { Placement } from '@lambent/placement';
import { Placements } from '@lambent/router';
import { findRuntimes, type Runtime } from '@lambent/runtimes';
import type { Sandboxes } from '@lambent/sandbox';
import { openWorker } from '@lambent/worker';
import type { KeeperConnection } from '@lambent/worker/keeper';
import type { Settings } from '../settings.ts';
import { openAsyncQueues } from '../wiring/async-queues.ts';
import { openEvents } from '../wiring/events.ts';
import { openRouter } from '../wiring/router.ts';
import { openStorage } from './storage.ts';

export interface ComposeOptions {
  /** Absolute, and there. */
  readonly dataDirectory: string;
  readonly sandboxes: Sandboxes;
  readonly keeper: KeeperConnection;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface Composition {
  readonly url: string;
  readonly grpcUrl: string;
  readonly adminUrl: string;
  readonly runtimes: readonly Runtime[];
  /** Before everything is killed: whoever waits for an outcome is told that it is unknown, not that it failed. */
  readonly abandon: () => void;
}

const PLACEMENT = 'placement';
const WORKER = 'worker-1';

/**
 * Everything of a Lambent on one machine, on its embedded engines, in dependency order: disposing the stack stops
 * admitting, hands back what has not started, drains the worker, and only then closes what is durable.
 */
export async function compose(stack: AsyncDisposableStack, options: ComposeOptions): Promise<Composition> {
  const { settings, dataDirectory, sandboxes, keeper, clock, random, logger, env } = options;
  const telemetry = stack.use(await openTelemetry({ serviceName: 'lambent', env, clock }));
  const { adminHost, adminPort, insecureListen } = settings.gateway;
  const admin = stack.use(
    await AdminListener.open({ host: adminHost, port: adminPort, insecureListen, telemetry, clock }),
  );
  const shared = { clock, random, logger, telemetry, ...(await openStorage(stack, options)) };
  const runtimes = await findRuntimes({ searchPath: env['PATH'] ?? '' });
  const network = new EmbeddedNetwork();
  stack.use(
    await Placement.open({
      ...shared,
      id: PLACEMENT,
      address: PLACEMENT,
      link: network.member(PLACEMENT),
      config: settings.placement,
    }),
  );

  const placements = new Placements({ clock, addresses: [PLACEMENT] });
  const routing = (routerId: string) => ({
    ...shared,
    routerId,
    link: network.member(routerId),
    placements,
  });
  const gatewayRouter = await openRouter(stack, {
    ...routing('gateway'),
    queueMax: settings.gateway.queueMax,
    queueWaitMs: settings.gateway.queueWaitMs,
  });
  // The worker tells functions the gateway's address, so it opens after it; and it closes after it.
  await using door = new AsyncDisposableStack();
  const gateway = door.use(
    await openGateway({
      ...shared,
      admin,
      invoker: gatewayRouter,
      asyncQueues: await openAsyncQueues({ ...shared, settings }),
      config: settings.gateway,
      quotas: settings.quotas,
      runtimeAvailable: identifier => runtimes.get(identifier) !== undefined,
      prepare: spec => gatewayRouter.prepare(spec),
      retire: functionId => gatewayRouter.retire(functionId),
    }),
  );
  stack.use(
    await openWorker({
      ...shared,
      id: WORKER,
      address: WORKER,
      // Its registry is in the data directory: there is no other worker.
      place: WORKER,
      placements: onlyPlacement,
      keeper,
      link: network.member(WORKER),
      sandboxes,
      runtimes: runtimes.list(),
      codeDirectory: join(dataDirectory, 'code'),
      compiledDirectory: join(dataDirectory, 'compiled'),
      quotas: settings.quotas,
      config: { ...settings.worker, awsEndpoint: settings.worker.awsEndpoint ?? new URL(gateway.url).host },
    }),
  );
  const eventsRouter = await openRouter(stack, {
    ...routing('events'),
    queueMax: settings.events.windowMax,
    queueWaitMs: settings.events.startWaitMs,
  });
  await openEvents(stack, { ...shared, invoker: eventsRouter, settings });
  stack.use(door.move());
  const abandon = () => {
    for (const router of [gatewayRouter, eventsRouter]) router.abandon();
  };
  const { url } = gateway;
  const grpcUrl = `grpc://${gateway.grpcAddress}`;
  return { url, grpcUrl, adminUrl: admin.url, runtimes: runtimes.list(), abandon };
}

/** The one there is, for as long as there is anything. */
async function onlyPlacement(changed: (addresses: readonly string[]) => void): Promise<AsyncDisposable> {
  changed([PLACEMENT]);
  return { async [Symbol.asyncDispose]() {} };
}
