import { watchLimits } from '@lambent/membership';
import type { Registry } from '@lambent/registry';
import { Router, type RouterOptions, watchFleet } from '@lambent/router';

export interface OpenRouterOptions extends RouterOptions {
  readonly registry: Registry;
}

/** A router, kept told of the workers there are, and of what is reserved. */
export async function openRouter(stack: AsyncDisposableStack, options: OpenRouterOptions): Promise<Router> {
  const router = stack.use(new Router(options));
  const { registry, clock, random } = options;
  stack.use(await watchFleet({ registry, clock, random, changed: fleet => router.setFleet(fleet) }));
  stack.use(await watchLimits({ registry, clock, random, changed: limits => router.setLimits(limits) }));
  return router;
}
