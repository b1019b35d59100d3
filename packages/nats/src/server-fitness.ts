import { fail } from '@lambent/core';
import type { ServerInfo } from '@nats-io/nats-core';

/** The oldest server whose known losses of acknowledged messages in a single process crash are mended. */
const VERSION_MIN = [2, 10, 27] as const;
/** What JetStream itself takes of headers in one message. */
export const HEADER_BYTES_MAX = 64 * 1024;
/** The largest message of the bus, 2 MiB, with its headers. The server's own default of 1 MiB is too small. */
export const PAYLOAD_BYTES_MIN = 2 * 1024 * 1024 + HEADER_BYTES_MAX;

/** Refuses a server that would not keep the promises of the adapters; older ones drop settings without a word. */
export function checkServer(
  server: Pick<ServerInfo, 'version' | 'jetstream' | 'max_payload'>,
  address: string,
): void {
  const refuse = (detail: string) => fail('broker-unfit', { detail: `${address}: ${detail}` });
  if (!isRecent(server.version))
    throw refuse(`nats-server ${server.version} is older than ${VERSION_MIN.join('.')}`);
  if (server.jetstream !== true) throw refuse('JetStream is not enabled in its configuration');
  if (server.max_payload < PAYLOAD_BYTES_MIN)
    throw refuse(`max_payload is ${server.max_payload}, and must be at least ${PAYLOAD_BYTES_MIN}`);
}

function isRecent(version: string): boolean {
  const parts = version.split(/[.-]/).map(Number);
  for (const [at, least] of VERSION_MIN.entries()) {
    const part = parts[at] ?? Number.NaN;
    if (part !== least) return part > least;
  }
  return true;
}
