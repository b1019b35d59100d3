export {
  type Bus,
  type BusMessage,
  DEDUPLICATION_MS,
  type Delivery,
  type Headers,
  MESSAGE_BYTES_MAX,
  type Queue,
  type QueueDepth,
  type QueueMessage,
  type QueueOptions,
} from './bus.ts';
export { NatsBus, type NatsBusOptions } from './nats-bus.ts';
export { SqliteBus, type SqliteBusOptions } from './sqlite-bus.ts';
