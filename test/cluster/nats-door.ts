import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { CertificateFiles } from './cluster-certificates.ts';
import { WrongAnswer } from './http-door.ts';
import type { Door } from './steady-load.ts';

/** Who is not answered does not know whether it ran: it waits no longer than its function may. */
const PATIENCE_MS = 15_000;

/** A client of NATS like any other, with a certificate of the cluster. */
export function openNatsClient(
  servers: readonly string[],
  { ca, cert, key }: CertificateFiles,
): Promise<NatsConnection> {
  return connect({
    servers: [...servers],
    tls: { caFile: ca, certFile: cert, keyFile: key },
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
  });
}

/** Invoking with a request over NATS; whichever gateway hears it answers. */
export class NatsDoor implements Door {
  readonly name: string;
  readonly gateway = undefined;
  readonly kind: 'sync' | 'async';
  readonly #client: NatsConnection;
  readonly #subject: string;
  readonly #holdMs: number;

  constructor(
    client: NatsConnection,
    options: { kind: 'sync' | 'async'; functionName: string; holdMs: number },
  ) {
    const { kind, functionName, holdMs } = options;
    this.name = `nats-${kind}`;
    this.kind = kind;
    this.#client = client;
    this.#subject = `lambent.${kind === 'sync' ? 'invoke' : 'event'}.${functionName}`;
    this.#holdMs = holdMs;
  }

  async send(key: string): Promise<void> {
    const event = JSON.stringify({ key, holdMs: this.#holdMs });
    const reply = await this.#client.request(this.#subject, event, { timeout: PATIENCE_MS });
    const errorType = reply.headers?.get('Lambent-Error-Type');
    if (errorType) throw Object.assign(new Error(reply.string()), { name: errorType });
    const status = reply.headers?.get('Lambent-Status');
    if (status !== (this.kind === 'sync' ? '200' : '202')) throw new Error(`status ${status}`);
    if (this.kind === 'async') return;
    if (reply.headers?.has('Lambent-Function-Error') || reply.json() !== key)
      throw new WrongAnswer(reply.string());
  }
}
