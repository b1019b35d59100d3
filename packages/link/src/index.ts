export { DirectWire } from './direct-wire.ts';
export { EmbeddedNetwork } from './embedded-network.ts';
export {
  type Accept,
  type Link,
  MESSAGE_BYTES_MAX,
  type PlacementDoor,
  type Stream,
  type StreamEvents,
} from './link.ts';
export { SimulatedWire } from './simulated-wire.ts';
export type { Wire } from './wire.ts';
