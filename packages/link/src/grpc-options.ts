import type { ChannelOptions } from '@grpc/grpc-js';
import { MESSAGE_BYTES_MAX, SHARED_STREAM_BYTES_MAX, UNSENT_BYTES_MAX } from './link.ts';

/** A healthy peer answers in milliseconds; one that is starting, or greets a whole cell at once, in a second or two. */
export const OPEN_TIMEOUT_MS = 3_000;
/** How long what was sent before a close may still take to arrive. */
export const LINGER_MS = 5_000;
/** By then a peer that is there has ended its connection, since nothing is open on it any more. */
export const GOODBYE_MS = 1_000;
/**
 * How long a message that travels apart may take, waiting for its turn included. Shorter than a worker keeps a
 * result (30 s), so that one that was lost with its stream can still be asked for.
 */
export const TRANSFER_MS_MAX = 20_000;
/** More at once would not be faster on one connection; fewer would let one large message hold up the others. */
export const TRANSFERS_MAX = 4;
/** What waits to be fetched of one stream: so many are as many bytes as may be unsent. */
export const PARCELS_MAX = UNSENT_BYTES_MAX / SHARED_STREAM_BYTES_MAX;
/** Small beside what a connection takes in a millisecond, large beside what a message costs. */
export const PART_BYTES = 64 * 1024;
/** What a message that waits to be sent costs besides its bytes: it bounds how many wait. */
export const MESSAGE_OVERHEAD_BYTES = 512;
/** A cell's 250 workers, 16 gateways and 16 events replicas, each with an old stream and a new one. */
export const STREAMS_MAX = 600;
/** Those streams', as many again that only knock or ask, and some that come to nothing. */
export const CONNECTIONS_MAX = 1_536;
/** A stream, what it delivers and fetches at once, and calls besides. */
const CALLS_PER_CONNECTION_MAX = 256;
/** Placement replicas that needs were sent to lately: those of a cell, and those that they replaced. */
export const CALLED_PEERS_MAX = 16;

/** Metadata that names a stream: on its own call, and on those beside it. */
export const STREAM_METADATA = 'lambent-stream';

/** Certificates of a cluster carry this name, so that members may move to other addresses. */
export const TLS_NAME = 'lambent';

/** Whose certificates may call: a client's is for the gateway's doors only. */
export const MEMBER_ROLES: readonly string[] = ['gateway', 'placement', 'worker', 'events'];

/** A peer that vanished without a word is noticed within 13 s; those who cannot wait send heartbeats. */
const KEEPALIVE: ChannelOptions = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
  'grpc.keepalive_permit_without_calls': 1,
};

const COMMON: ChannelOptions = {
  ...KEEPALIVE,
  // Costs a tenth of a call, and nobody looks at it.
  'grpc.enable_channelz': 0,
  'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
  'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
};

export const SERVER_OPTIONS: ChannelOptions = {
  ...COMMON,
  'grpc.max_concurrent_streams': CALLS_PER_CONNECTION_MAX,
};

export const CHANNEL_OPTIONS: ChannelOptions = {
  ...COMMON,
  // Whoever called decides whether to call again: a repeated invocation would run twice.
  'grpc.enable_retries': 0,
  // A connection of its own: it ends with its stream, and no stream inherits the waits of another's failures.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // Large messages arrive in fewer round trips; also what a connection may hold of one that is read slowly.
  'grpc-node.flow_control_window': 1024 * 1024,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_http_proxy': 0,
  'grpc.ssl_target_name_override': TLS_NAME,
};
