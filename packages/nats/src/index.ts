export { failureOfNats, isTransient } from './from-nats-error.ts';
export { NatsConnection, type NatsConnectionOptions, type NatsState } from './nats-connection.ts';
export type { StreamRequest } from './owned-stream.ts';
export { HEADER_BYTES_MAX, PAYLOAD_BYTES_MIN } from './server-fitness.ts';
export { decodeSubjectPart, encodeSubjectPart } from './subject-part.ts';
