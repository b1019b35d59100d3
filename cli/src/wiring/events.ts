import { Events } from '@lambent/events';
import { type AsyncInvocation, FunctionCatalog, readEventInvoke } from '@lambent/functions';
import type { Invoker } from '@lambent/router';
import type { Settings } from '../settings.ts';
import { openAsyncQueues } from './async-queues.ts';
import type { Stores, Surroundings } from './stores.ts';

export interface OpenEventsOptions extends Surroundings, Pick<Stores, 'registry' | 'bus'> {
  readonly invoker: Invoker;
  readonly settings: Settings;
}

/** The events service, with the functions it runs kept current. */
export async function openEvents(stack: AsyncDisposableStack, options: OpenEventsOptions): Promise<void> {
  const { settings, logger, registry } = options;
  const { accountId, region } = settings.gateway;
  const onWatchBroken = (err: unknown) => logger.warn({ err }, 'the watch on functions broke');
  const catalog = stack.use(await FunctionCatalog.open({ ...options, accountId, region, onWatchBroken }));
  const asyncQueues = await openAsyncQueues(options);
  const { drainTimeoutMs } = settings.worker;
  const wishOf = ({ functionId, qualifier }: AsyncInvocation) =>
    readEventInvoke(registry, functionId, qualifier);
  stack.use(
    Events.start({ ...options, asyncQueues, catalog, wishOf, config: settings.events, drainTimeoutMs }),
  );
}
