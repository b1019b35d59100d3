import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock, TlsMaterial } from '@lambent/core';

/** An engine that is well answers at once, from the next machine too. */
const ANSWER_TIMEOUT_MS = 2_000;
/** etcd says nothing before it is asked; NATS speaks first. */
const QUESTION = 'GET /health HTTP/1.0\r\n\r\n';

/** More than either says of how it is. */
const ANSWER_LENGTH_MAX = 16_384;

export interface EngineAnswer {
  readonly answers: boolean;
  /** What it says is wrong with it, like etcd that is full. */
  readonly trouble?: string;
}

/** What a server of etcd or NATS says at its URL: one that is halted takes connections, too. */
export function probeEngine(
  url: string,
  { tls, clock }: { readonly tls: TlsMaterial | undefined; readonly clock: Clock },
): Promise<EngineAnswer> {
  const { protocol, hostname, port } = new URL(url);
  const address = { host: hostname, port: Number(port) };
  const { promise, resolve } = Promise.withResolvers<EngineAnswer>();
  const socket =
    protocol === 'https:' && tls
      ? connectTls({ ...address, ca: tls.ca, cert: tls.certificate, key: tls.privateKey })
      : connect(address);
  const asked = protocol.startsWith('http');
  if (asked) socket.write(QUESTION);
  let heard = '';
  const settle = () => resolve({ answers: heard !== '', ...troubleIn(heard) });
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text;
    if (!asked || heard.length > ANSWER_LENGTH_MAX) settle();
  });
  socket.once('error', settle).once('close', settle);
  const timer = clock.setTimer(ANSWER_TIMEOUT_MS, settle);
  return promise.finally(() => {
    timer.cancel();
    socket.destroy();
  });
}

/** etcd's own words, such as `ALARM NOSPACE`. */
function troubleIn(answer: string): Pick<EngineAnswer, 'trouble'> {
  const [, trouble] = /"health":"false","reason":"([^"]*)"/.exec(answer) ?? [];
  return trouble === undefined ? {} : { trouble };
}
