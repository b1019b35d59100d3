export { WORKER_FIELDS, type WorkerConfig } from './config.ts';
export { openWorker, type Worker } from './worker.ts';
export type { WorkerOptions } from './worker-options.ts';
