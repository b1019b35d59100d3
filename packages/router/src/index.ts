export { FleetWatch, type FleetWatchOptions } from './fleet-watch.ts';
export type { Completion, Invocation, Invoker } from './invoker.ts';
export { Router, type RouterOptions, type WorkerAddress } from './router.ts';
