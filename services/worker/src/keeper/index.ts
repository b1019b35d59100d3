export { DirectoryLock } from './directory-lock.ts';
export { type KeeperOptions, keep } from './keeper.ts';
export {
  connectKeeper,
  type KeeperConnection,
  type KeeperConnectionOptions,
} from './keeper-connection.ts';
