import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Blobs } from '@lambent/blobs';
import { type Clock, fail, type Random } from '@lambent/core';
import type { Registry } from '@lambent/registry';

/**
 * Links under which a code package can be downloaded without credentials, as AWS's presigned ones: whoever holds
 * one may, until it expires. A link names the package and the time, and carries their HMAC under a key that all
 * gateways share through the registry.
 */
export class CodeLinks {
  readonly #key: Uint8Array;
  readonly #blobs: Blobs;
  readonly #clock: Clock;

  private constructor(key: Uint8Array, options: { readonly blobs: Blobs; readonly clock: Clock }) {
    this.#key = key;
    this.#blobs = options.blobs;
    this.#clock = options.clock;
  }

  static async open(options: CodeLinksOptions): Promise<CodeLinks> {
    return new CodeLinks(await sharedKey(options), options);
  }

  create(baseUrl: string, digest: string): string {
    const expiresAtMs = this.#clock.nowMs() + LINK_TTL_MS;
    const signature = this.#sign(digest, expiresAtMs).toString('hex');
    return `${baseUrl}${PATH}${digest}?expires=${expiresAtMs}&signature=${signature}`;
  }

  /** Whether a request is for this noun at all. */
  serves(request: IncomingMessage): boolean {
    return request.url?.startsWith(PATH) ?? false;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://gateway');
    const digest = url.pathname.slice(PATH.length);
    if (request.method !== 'GET') return void response.writeHead(405).end();
    if (!this.#isValid(digest, url.searchParams)) return void response.writeHead(403).end();
    const info = await this.#blobs.stat(digest);
    if (!info) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': 'application/zip', 'Content-Length': info.bytes });
    await pipeline(Readable.from(this.#blobs.read(digest)), response);
  }

  #isValid(digest: string, query: URLSearchParams): boolean {
    const expiresAtMs = Number(query.get('expires'));
    if (!DIGEST.test(digest) || !(expiresAtMs > this.#clock.nowMs())) return false;
    const given = Buffer.from(query.get('signature') ?? '', 'hex');
    const wanted = this.#sign(digest, expiresAtMs);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  }

  #sign(digest: string, expiresAtMs: number): Buffer {
    return createHmac('sha256', this.#key).update(`${digest}:${expiresAtMs}`).digest();
  }
}

export interface CodeLinksOptions {
  readonly registry: Registry;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly random: Random;
}

const PATH = '/_lambent/code/';
/** As AWS's presigned links. */
const LINK_TTL_MS = 600_000;
const KEY_PATH = 'gateway/code-link-key';
const KEY_BYTES = 32;
/** Gateways that start together for the first time settle in two turns. */
const ATTEMPTS_MAX = 4;
const DIGEST = /^[0-9a-f]{64}$/;

/** The key the gateways share; whoever comes first makes it. */
async function sharedKey({ registry, random }: CodeLinksOptions): Promise<Uint8Array> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const entry = await registry.get(KEY_PATH);
    if (entry) return entry.value;
    await registry.transact({
      compare: [{ kind: 'key', key: KEY_PATH, modRevision: 0 }],
      write: [{ kind: 'put', key: KEY_PATH, value: random.bytes(KEY_BYTES) }],
    });
  }
  throw fail('registry-unavailable', { detail: `${KEY_PATH} could not be written` });
}
