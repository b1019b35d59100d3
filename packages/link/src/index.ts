export { DirectWire } from './direct-wire.ts';
export { EmbeddedNetwork } from './embedded-network.ts';
export { GrpcLink } from './grpc-link.ts';
export { GrpcServerCredentials } from './grpc-server-credentials.ts';
export { type GrpcService, grpcService } from './grpc-service.ts';
export {
  type Accept,
  type Link,
  MESSAGE_BYTES_MAX,
  type PlacementDoor,
  type Served,
  type Stream,
  type StreamEvents,
} from './link.ts';
export { SimulatedWire } from './simulated-wire.ts';
export type { Wire } from './wire.ts';
