import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import type { TlsMaterial } from '@lambent/core';
import { noop } from 'cockatiel';
import {
  Etcd3,
  type IDuplexStream,
  type IWatchRequest,
  type IWatchResponse,
  type KVClient,
  type LeaseClient,
  type MaintenanceClient,
} from 'etcd3';

/** One member of an etcd cluster, as plain calls: what is asked is asked once, of this member, or fails. */
export interface EtcdEndpoint {
  readonly url: string;
  readonly kv: KVClient;
  readonly lease: LeaseClient;
  readonly maintenance: MaintenanceClient;
  /** A member that has lost the others ends it, instead of saying nothing on it for ever. */
  openWatch(): Promise<IDuplexStream<IWatchRequest, IWatchResponse>>;
  close(): void;
}

/** What every certificate of a cluster is good for, whatever address its holder is reached at: TLS takes no addresses. */
const TLS_NAME = 'lambent';
/** A connection that says nothing is found out about within 12 s; etcd takes more than one ping in 5 s for an attack. */
const KEEPALIVE_EVERY_MS = 10_000;
const KEEPALIVE_TIMEOUT_MS = 2_000;
/** A refused connection is tried again so soon, at least and at most. */
const RECONNECT_MIN_MS = 100;
const RECONNECT_MAX_MS = 1_000;
/** A page of a range where every value is as large as one may be; see `RANGE_PAGE_ENTRIES`. */
const RECEIVE_BYTES_MAX = 160 * 1_024 ** 2;

/**
 * This module takes longer to load than all others of the registry: import it when it is needed.
 *
 * etcd3 serves as transport and codec only. Left to itself it repeats calls that may have been carried out, and
 * refuses all for a while after some have failed: policies that do nothing take their place. No call of this has a
 * deadline of its own either: each is given one.
 */
export function openEtcdEndpoint(url: string, tls?: TlsMaterial): EtcdEndpoint {
  let [shown, client] = [tls?.certificate, connect(url, tls)];
  // What is under way on the earlier one ends by itself, and its connection with it.
  const current = () => {
    if (shown === tls?.certificate) return client;
    client.close();
    [shown, client] = [tls?.certificate, connect(url, tls)];
    return client;
  };
  return {
    url,
    get kv() {
      return current().kv;
    },
    get lease() {
      return current().leaseClient;
    },
    get maintenance() {
      return current().maintenance;
    },
    openWatch: () => current().watchClient.watch({ interceptors: [wantLeader] }),
    close: () => client.close(),
  };
}

function connect(url: string, tls: TlsMaterial | undefined): Etcd3 {
  return new Etcd3({
    hosts: [url.replace(/\/$/, '')],
    ...(tls && {
      credentials: {
        rootCertificate: Buffer.from(tls.ca),
        privateKey: Buffer.from(tls.privateKey),
        certChain: Buffer.from(tls.certificate),
      },
    }),
    faultHandling: { host: () => noop, global: noop },
    grpcOptions: {
      'grpc.keepalive_time_ms': KEEPALIVE_EVERY_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc.keepalive_permit_without_calls': 1,
      'grpc.initial_reconnect_backoff_ms': RECONNECT_MIN_MS,
      'grpc.max_reconnect_backoff_ms': RECONNECT_MAX_MS,
      'grpc.max_receive_message_length': RECEIVE_BYTES_MAX,
      // Nobody else has a say in where calls go and whether they are repeated.
      'grpc.service_config_disable_resolution': 1,
      'grpc.enable_http_proxy': 0,
      ...(tls && { 'grpc.ssl_target_name_override': TLS_NAME }),
    },
  });
}

/** Says so in the words of etcd's own clients. */
function wantLeader(...[options, next]: Parameters<Interceptor>): InterceptingCall {
  return new InterceptingCall(next(options), {
    start(metadata, listener, start) {
      metadata.set('hasleader', 'true');
      start(metadata, listener);
    },
  });
}
