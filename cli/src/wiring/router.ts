import type { Clock } from '@lambent/core';
import type { Registry } from '@lambent/registry';
import { FleetWatch, Router, type RouterOptions } from '@lambent/router';

export interface OpenRouterOptions extends RouterOptions {
  readonly registry: Registry;
  readonly clock: Clock;
}

/** A router, kept told of the workers there are. */
export async function openRouter(stack: AsyncDisposableStack, options: OpenRouterOptions): Promise<Router> {
  const { registry, clock } = options;
  const router = stack.use(new Router(options));
  stack.use(await FleetWatch.open({ registry, clock, changed: fleet => router.setFleet(fleet) }));
  return router;
}
