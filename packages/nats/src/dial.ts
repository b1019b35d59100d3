import { type Clock, fail, sleep, type TlsMaterial, tlsTrouble } from '@lambent/core';
import { AuthorizationError, type NatsConnection, TimeoutError, type TlsOptions } from '@nats-io/nats-core';
import { connect, type NodeConnectionOptions } from '@nats-io/transport-node';

/** Long enough for a server that restarts with much on its disk; whoever starts a service sees why it waits. */
const PATIENCE_MS = 15_000;
const ATTEMPT_MS = 5_000;
const ATTEMPT_PAUSE_MS = 250;
/** Between attempts to come back, with as much again at random: a cluster's processes do not come all at once. */
const RECONNECT_PAUSE_MS = 250;
/** A server that does not answer so often in a row is gone, though nothing closed the connection. */
const PING_INTERVAL_MS = 5_000;
const PINGS_UNANSWERED_MAX = 2;

/** What every certificate of a cluster is good for, whatever address its holder is reached at: TLS takes no addresses. */
const TLS_NAME = 'lambent';

export interface DialOptions {
  readonly servers: readonly string[];
  readonly tls?: TlsMaterial;
  /** How the server's own reports call this process. */
  readonly name: string;
  readonly clock: Clock;
  /** How long a first connection is tried. */
  readonly patienceMs?: number;
}

/** Connects for the first time, within bounded patience; afterwards the connection comes back by itself for ever. */
export async function dial(options: DialOptions): Promise<NatsConnection> {
  const { clock, patienceMs = PATIENCE_MS } = options;
  const endMs = clock.monotonicMs() + patienceMs;
  for (;;) {
    try {
      return await dialOnce(options);
    } catch (error) {
      const last = error instanceof AuthorizationError || clock.monotonicMs() + ATTEMPT_PAUSE_MS > endMs;
      const detail = `${options.servers.join(', ')}: ${detailOf(error, options.tls)}`;
      if (last) throw fail('broker-unavailable', { detail }, { cause: error });
    }
    await sleep(clock, ATTEMPT_PAUSE_MS);
  }
}

function dialOnce({ servers, tls, name }: DialOptions): Promise<NatsConnection> {
  const options: NodeConnectionOptions = {
    servers: [...servers],
    name,
    tls: tls ? shownOf(tls) : null,
    timeout: ATTEMPT_MS,
    maxReconnectAttempts: -1,
    // A server refuses while its certificates are exchanged; that passes.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RECONNECT_PAUSE_MS,
    reconnectJitter: RECONNECT_PAUSE_MS,
    reconnectJitterTLS: RECONNECT_PAUSE_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: PINGS_UNANSWERED_MAX,
    noAsyncTraces: true,
  };
  return connect(options);
}

/** What the client reads anew for each connection: who renews a certificate need not connect again. */
function shownOf(tls: TlsMaterial): TlsOptions & { readonly servername: string } {
  return {
    servername: TLS_NAME,
    get ca() {
      return tls.ca;
    },
    get cert() {
      return tls.certificate;
    },
    get key() {
      return tls.privateKey;
    },
  };
}

function detailOf(error: unknown, tls: TlsMaterial | undefined): string {
  // The client looks for certificates in the options that say that there are none.
  if (tls === undefined && error instanceof Error && error.cause instanceof TypeError)
    return 'it speaks TLS only, and this member was given no certificates';
  if (error instanceof TimeoutError)
    return `no server of NATS answered within ${ATTEMPT_MS} ms; something else may listen there`;
  return error instanceof Error ? tlsTrouble(error.message) : String(error);
}
