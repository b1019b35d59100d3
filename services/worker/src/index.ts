export { WORKER_FIELDS, type WorkerConfig } from './config.ts';
export {
  connectKeeper,
  type KeeperConnection,
  type KeeperConnectionOptions,
  type KeeperOptions,
  keep,
} from './keeper/index.ts';
export { openWorker, type Worker } from './worker.ts';
export type { WorkerOptions } from './worker-options.ts';
