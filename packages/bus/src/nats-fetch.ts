import type { Clock } from '@lambent/core';
import type { NatsConnection } from '@lambent/nats';
import { createInbox, type Msg } from '@nats-io/nats-core';
import { NATS_VERDICTS } from './nats-verdicts.ts';
import { PULL_BYTES_MAX } from './pull-bytes.ts';

export interface NatsFetch {
  readonly stream: string;
  readonly consumer: string;
  readonly batch: number;
  /** How long the broker waits for the first message; what follows it is not waited for. 0: not at all. */
  readonly waitMs: number;
  /** Any of them ends it with what has come. */
  readonly ends: readonly AbortSignal[];
}

export interface NatsFetched {
  readonly messages: readonly Msg[];
  /** Whether a broker was there. What did come counts all the same. */
  readonly answered: boolean;
}

/** What an answer may take beyond the time the broker was told to wait. */
const ANSWER_MS = 1_000;
const NO_RESPONDERS = 503;
const NANOS_PER_MS = 1_000_000;

/**
 * One pull request to a consumer. The client's own waits a second at least, and for the whole batch; this one ends
 * with what is there. The broker answers each with messages and, unless they are as many as asked for, a last line
 * without a subject of the stream.
 *
 * Ending it early loses nothing: what the broker had sent by then is given back as it comes in.
 */
export function fetchMessages(
  connection: NatsConnection,
  clock: Clock,
  fetch: NatsFetch,
): Promise<NatsFetched> {
  const { core } = connection;
  const { stream, consumer, batch, waitMs, ends } = fetch;
  if (connection.state === 'disconnected') return Promise.resolve({ messages: [], answered: false });
  if (ends.some(signal => signal.aborted)) return Promise.resolve({ messages: [], answered: true });
  return new Promise(resolve => {
    const messages: Msg[] = [];
    let waiting = true;
    const inbox = createInbox();
    const subscription = core.subscribe(inbox, {
      callback(error, message) {
        if (error) finish(false);
        else if (message.subject === inbox) finish(message.headers?.code !== NO_RESPONDERS);
        else if (!waiting) message.respond(NATS_VERDICTS.again);
        else if (messages.push(message) === batch) finish(true);
      },
    });
    const finish = (answered: boolean) => {
      if (!waiting) return;
      waiting = false;
      timer.cancel();
      for (const signal of ends) signal.removeEventListener('abort', end);
      // Closed with its connection: nothing comes any more.
      subscription.drain().catch(() => {});
      resolve({ messages, answered });
    };
    const end = () => finish(true);
    const timer = clock.setTimer(waitMs + ANSWER_MS, () => finish(false));
    for (const signal of ends) signal.addEventListener('abort', end, { once: true });
    core.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, pullRequest(batch, waitMs), {
      reply: inbox,
    });
  });
}

/** Without waiting, but with a time: the broker's way to say "the first within that time and what is there then". */
function pullRequest(batch: number, waitMs: number): string {
  const wait = waitMs > 0 ? { expires: Math.ceil(waitMs) * NANOS_PER_MS } : {};
  return JSON.stringify({ batch, max_bytes: PULL_BYTES_MAX, no_wait: true, ...wait });
}
