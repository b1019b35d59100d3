export { type FleetWatchOptions, watchFleet } from './fleet-watch.ts';
export type { Completion, Invocation, Invoker } from './invoker.ts';
export { Placements } from './placements.ts';
export { Router, type RouterOptions } from './router.ts';
export { Vacancies } from './vacancies.ts';
export type { WorkerAddress } from './worker-address.ts';
