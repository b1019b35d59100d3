import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, TlsMaterial } from '@lambent/core';

/** An engine that is well answers at once, from the next machine too. */
const ANSWER_TIMEOUT_MS = 2_000;
/** etcd says nothing before it is asked; NATS speaks first. */
const QUESTION = 'GET /health HTTP/1.0\r\n\r\n';

/** Whether a server of etcd or NATS says anything at its URL: one that is halted takes connections, too. */
export function probeEngine(
  url: string,
  { tls, clock }: { readonly tls: TlsMaterial | undefined; readonly clock: Clock },
): Promise<boolean> {
  const { protocol, hostname, port } = new URL(url);
  const address = { host: hostname, port: Number(port) };
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket =
    protocol === 'https:' && tls
      ? connectTls({ ...address, ca: tls.ca, cert: tls.certificate, key: tls.privateKey })
      : connect(address);
  if (protocol.startsWith('http')) socket.write(QUESTION);
  socket.once('data', () => resolve(true));
  socket.once('error', () => resolve(false)).once('close', () => resolve(false));
  const timer = clock.setTimer(ANSWER_TIMEOUT_MS, () => resolve(false));
  return promise.finally(() => {
    timer.cancel();
    socket.destroy();
  });
}
