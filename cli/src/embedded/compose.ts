import { join } from 'node:path';
import type { Clock, Random } from '@lambent/core';
import { type Logger, openTelemetry } from '@lambent/daemon';
import { AsyncQueues } from '@lambent/functions';
import { openGateway } from '@lambent/gateway';
import { EmbeddedNetwork } from '@lambent/link';
import { Placement } from '@lambent/placement';
import { findRuntimes, type Runtime } from '@lambent/runtimes';
import type { Sandboxes } from '@lambent/sandbox';
import { openWorker } from '@lambent/worker';
import type { Settings } from '../settings.ts';
import { openEvents } from '../wiring/events.ts';
import { openRouter } from '../wiring/router.ts';
import { openStorage } from './storage.ts';

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

  const routing = (routerId: string) => ({
    ...shared,
    routerId,
    link: network.member(routerId),
    placementAddress: PLACEMENT,
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
      invoker: gatewayRouter,
      asyncQueues: await AsyncQueues.open(shared.bus, settings.async),
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
  const eventsRouter = await openRouter(stack, {
    ...routing('events'),
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
