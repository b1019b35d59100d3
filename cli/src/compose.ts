import { join } from 'node:path';
import type { Clock, Random } from '@lambent/core';
import { type Logger, openTelemetry, type Telemetry } from '@lambent/daemon';
import { Events } from '@lambent/events';
import { FunctionCatalog } from '@lambent/functions';
import { openGateway } from '@lambent/gateway';
import { EmbeddedNetwork } from '@lambent/link';
import { Placement } from '@lambent/placement';
import { FleetWatch, Router, type RouterOptions } from '@lambent/router';
import { findRuntimes, type Runtime } from '@lambent/runtimes';
import type { Sandboxes } from '@lambent/sandbox';
import { openWorker } from '@lambent/worker';
import type { Settings } from './settings.ts';
import { openStorage, type Storage } from './storage.ts';

export interface ComposeOptions {
  /** Absolute, and there. */
  readonly dataDirectory: string;
  readonly sandboxes: Sandboxes;
  readonly settings: Settings;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface Composition {
  readonly url: string;
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
  const { settings, dataDirectory, sandboxes, clock, random, logger, env } = options;
  const telemetry = stack.use(await openTelemetry({ serviceName: 'lambent', env, clock }));
  const shared = { clock, random, logger, telemetry, ...(await openStorage(stack, options)) };
  const runtimes = await findRuntimes({ searchPath: env['PATH'] ?? '' });
  const network = new EmbeddedNetwork();
  stack.use(await Placement.open({ ...shared, address: PLACEMENT, link: network.member(PLACEMENT) }));

  const gatewayRouter = await openRouter(stack, network, shared, {
    routerId: 'gateway',
    queueMax: settings.gateway.queueMax,
    queueWaitMs: settings.gateway.queueWaitMs,
  });
  // The worker tells functions the gateway's address, so it opens after it; and it closes after it.
  await using door = new AsyncDisposableStack();
  const gateway = door.use(
    await openGateway({
      ...shared,
      invoker: gatewayRouter,
      config: settings.gateway,
      runtimeAvailable: identifier => runtimes.get(identifier) !== undefined,
      retire: functionId => gatewayRouter.retire(functionId),
    }),
  );
  stack.use(
    await openWorker({
      ...shared,
      id: WORKER,
      address: WORKER,
      placementAddress: PLACEMENT,
      link: network.member(WORKER),
      sandboxes,
      runtimes: runtimes.list(),
      codeDirectory: join(dataDirectory, 'code'),
      config: { ...settings.worker, awsEndpoint: settings.worker.awsEndpoint ?? new URL(gateway.url).host },
    }),
  );
  const eventsRouter = await openRouter(stack, network, shared, {
    routerId: 'events',
    queueMax: settings.events.windowMax,
    queueWaitMs: settings.events.startWaitMs,
  });
  await openEvents(stack, { ...shared, invoker: eventsRouter, settings });
  stack.use(door.move());
  const { url, adminUrl } = gateway;
  const abandon = () => {
    for (const router of [gatewayRouter, eventsRouter]) router.abandon();
  };
  return { url, adminUrl, runtimes: runtimes.list(), abandon };
}

interface Shared extends Storage {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/** A router, kept told of the workers there are. */
async function openRouter(
  stack: AsyncDisposableStack,
  network: EmbeddedNetwork,
  { registry, clock }: Shared,
  options: Pick<RouterOptions, 'routerId' | 'queueMax' | 'queueWaitMs'>,
): Promise<Router> {
  const router = stack.use(
    new Router({ ...options, link: network.member(options.routerId), placementAddress: PLACEMENT, clock }),
  );
  stack.use(await FleetWatch.open({ registry, clock, changed: fleet => router.setFleet(fleet) }));
  return router;
}

async function openEvents(
  stack: AsyncDisposableStack,
  options: Shared & { readonly invoker: Router; readonly settings: Settings },
): Promise<void> {
  const { settings, logger } = options;
  const { accountId, region, asyncQueueMax } = settings.gateway;
  const onWatchBroken = (err: unknown) => logger.warn({ err }, 'the watch on functions broke');
  const catalog = stack.use(await FunctionCatalog.open({ ...options, accountId, region, onWatchBroken }));
  stack.use(
    await Events.open({
      ...options,
      catalog,
      config: settings.events,
      queueMax: asyncQueueMax,
      drainTimeoutMs: settings.worker.drainTimeoutMs,
    }),
  );
}
