import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@lambent/core';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from './credentials.ts';
import type { Identity } from './identity.ts';
import { parseClaim, type SignatureClaim, type SignedRequest } from './signature-claim.ts';

/** Who signed a request, or what is wrong with its signature in AWS's words. */
export type Verdict =
  | { readonly kind: 'signed'; readonly accessKeyId: string; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly error: SignatureError; readonly message: string };

/** AWS's names for them, which every protocol writes in its own way. */
export type SignatureError =
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'InvalidSignatureException'
  | 'UnrecognizedClientException'
  | 'ExpiredTokenException';

export interface SignatureVerifierOptions {
  readonly credentials: Pick<Credentials, 'find'>;
  readonly clock: Clock;
}

/**
 * Signature Version 4, in the header and in the query, of requests whose body is at hand. What is claimed is signed
 * anew with the key it names, by AWS's own signer, and compared.
 */
export class SignatureVerifier {
  readonly #options: SignatureVerifierOptions;

  constructor(options: SignatureVerifierOptions) {
    this.#options = options;
  }

  /** `service` is the one the request has come to; any region is as good as another. */
  async verify(request: SignedRequest, body: Uint8Array, service: string): Promise<Verdict> {
    const parsed = parseClaim(request);
    if (parsed.kind === 'none')
      return refused('MissingAuthenticationTokenException', 'Missing Authentication Token');
    if (parsed.kind === 'incomplete') return refused('IncompleteSignatureException', parsed.message);
    const { claim } = parsed;
    const problem =
      claim.service === service
        ? this.#problemOfTime(claim)
        : `Credential should be scoped to correct service: '${service}'. `;
    if (problem !== undefined) return refused('InvalidSignatureException', problem);
    const { accessKeyId, sessionToken } = claim;
    const found = await this.#options.credentials.find(accessKeyId, sessionToken);
    if (found.kind === 'expired')
      return refused('ExpiredTokenException', 'The security token included in the request is expired');
    if (found.kind === 'unknown')
      return refused('UnrecognizedClientException', 'The security token included in the request is invalid.');
    const holds =
      claim.signedHeaders.includes('host') &&
      hashHolds(request, body) &&
      equal(await signAnew(request, body, claim, found.secretAccessKey), claim.signature);
    if (!holds) return refused('InvalidSignatureException', MISMATCH);
    return { kind: 'signed', accessKeyId, identity: found.identity };
  }

  #problemOfTime({ kind, signedAtMs, expiresSeconds }: SignatureClaim): string | undefined {
    const nowMs = this.#options.clock.nowMs();
    const [signedAt, now] = [instant(signedAtMs), instant(nowMs)];
    if (signedAtMs > nowMs + SKEW_MS)
      return `Signature not yet current: ${signedAt} is still later than ${instant(nowMs + SKEW_MS)} (${now} + 5 min.)`;
    const untilMs = signedAtMs + (kind === 'presigned' ? expiresSeconds * 1_000 : SKEW_MS);
    if (untilMs >= nowMs) return undefined;
    if (kind === 'presigned') return `Signature expired: ${instant(untilMs)} is now earlier than ${now}`;
    return `Signature expired: ${signedAt} is now earlier than ${instant(nowMs - SKEW_MS)} (${now} - 5 min.)`;
  }
}

function refused(error: SignatureError, message: string): Verdict {
  return { kind: 'refused', error, message };
}

/** A hash that the client sent is what was signed; whether the body has it is another question. */
function hashHolds({ headers }: SignedRequest, body: Uint8Array): boolean {
  const claimed = headers['x-amz-content-sha256'];
  if (claimed === undefined || claimed === UNSIGNED_PAYLOAD) return true;
  return claimed === createHash('sha256').update(body).digest('hex');
}

/** Undefined for a request that no signer would make. */
async function signAnew(
  request: SignedRequest,
  body: Uint8Array,
  claim: SignatureClaim,
  secretAccessKey: string,
): Promise<string | undefined> {
  const { service, region, accessKeyId, sessionToken, expiresSeconds } = claim;
  const unsigned = unsignedRequest(request, body, claim);
  if (!unsigned) return undefined;
  const presigned = claim.kind === 'presigned';
  const signer = new SignatureV4({
    service,
    region,
    // In a header the token is signed or not like any other; in a query it always is.
    credentials: { accessKeyId, secretAccessKey, ...(presigned && sessionToken && { sessionToken }) },
    sha256: Sha256,
    applyChecksum: false,
    uriEscapePath: service !== 's3',
  });
  const signedHeaders = new Set(claim.signedHeaders);
  const signingDate = new Date(claim.signedAtMs);
  if (!presigned) {
    const { headers } = await signer.sign(unsigned, { signingDate, signableHeaders: signedHeaders });
    return headers['authorization']?.slice(-claim.signature.length);
  }
  const { query } = await signer.presign(unsigned, {
    signingDate,
    expiresIn: expiresSeconds,
    signableHeaders: signedHeaders,
    unhoistableHeaders: new Set(Object.keys(unsigned.headers)),
    unsignableHeaders: new Set(Object.keys(unsigned.headers).filter(name => !signedHeaders.has(name))),
  });
  return String(query?.['X-Amz-Signature']);
}

/** The request as it was before it was signed: of the headers those that were, of the query all but the signature. */
function unsignedRequest(
  { method, target, headers }: SignedRequest,
  body: Uint8Array,
  { kind, signedHeaders, service }: SignatureClaim,
) {
  const kept: Record<string, string> = {};
  for (const name of signedHeaders) {
    const value = headers[name];
    if (value === undefined) return undefined;
    kept[name] = Array.isArray(value) ? value.join(',') : value;
  }
  const hash = headers['x-amz-content-sha256'];
  // It is what takes the place of the body's hash, signed or not.
  if (typeof hash === 'string') kept['x-amz-content-sha256'] = hash;
  else if (kind === 'presigned' && service === 's3') kept['x-amz-content-sha256'] = UNSIGNED_PAYLOAD;
  const mark = target.indexOf('?');
  const query = mark < 0 ? {} : queryOf(target.slice(mark + 1));
  if (!query) return undefined;
  if (kind === 'presigned') for (const name of SIGNATURE_PARAMETERS) delete query[name];
  const path = mark < 0 ? target : target.slice(0, mark);
  return { method, path, query, headers: kept, body, protocol: 'http:', hostname: '' };
}

/** In a query that is signed a plus is a plus, and a blank is `%20`. */
function queryOf(text: string): Record<string, string | string[]> | undefined {
  const query: Record<string, string[]> = Object.create(null);
  try {
    for (const part of text.split('&')) {
      if (part === '') continue;
      const [name = '', ...value] = part.split('=');
      const key = decodeURIComponent(name);
      query[key] = [...(query[key] ?? []), decodeURIComponent(value.join('='))];
    }
  } catch {
    // A broken percent-encoding, which nobody signs.
    return undefined;
  }
  return query;
}

function equal(expected: string | undefined, given: string): boolean {
  return expected?.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));
}

function instant(ms: number): string {
  return `${new Date(ms).toISOString().replaceAll(/[-:]/g, '').slice(0, 15)}Z`;
}

/** How far AWS lets clocks be apart. */
const SKEW_MS = 300_000;
const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
const SIGNATURE_PARAMETERS = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
  'X-Amz-Security-Token',
];
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';
