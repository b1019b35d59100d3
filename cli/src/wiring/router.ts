import type { Registry } from '@lambent/registry';
import { Router, type RouterOptions, watchFleet } from '@lambent/router';

export interface OpenRouterOptions extends RouterOptions {
  readonly registry: Registry;
}

/** A router, kept told of the workers there are. */
export async function openRouter(stack: AsyncDisposableStack, options: OpenRouterOptions): Promise<Router> {
  const router = stack.use(new Router(options));
  const { registry, clock, random } = options;
  stack.use(await watchFleet({ registry, clock, random, changed: fleet => router.setFleet(fleet) }));
  return router;
}
