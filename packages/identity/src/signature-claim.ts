import type { IncomingHttpHeaders } from 'node:http';

/** A request whose signature is looked at. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query, as they came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
}

/** What a request says of its own signature. */
export interface SignatureClaim {
  readonly kind: 'header' | 'presigned';
  readonly accessKeyId: string;
  /** `YYYYMMDD`. */
  readonly day: string;
  readonly region: string;
  readonly service: string;
  /** In lower case. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly signedAtMs: number;
  /** How long it holds, of a presigned one. */
  readonly expiresSeconds: number;
  readonly sessionToken: string | undefined;
}

export type ParsedClaim =
  | { readonly kind: 'claim'; readonly claim: SignatureClaim }
  | { readonly kind: 'none' }
  | { readonly kind: 'incomplete'; readonly message: string };

/** The longest that AWS lets a presigned request hold. */
const EXPIRES_SECONDS_MAX = 604_800;
const ALGORITHM = 'AWS4-HMAC-SHA256';
const CREDENTIAL =
  /^(?<key>\w{1,128})\/(?<day>\d{8})\/(?<region>[a-z0-9-]{1,64})\/(?<service>[a-z0-9-]{1,64})\/aws4_request$/;
const INSTANT = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Reads the `Authorization` header, or the query of a presigned request. */
export function parseClaim({ target, headers }: SignedRequest): ParsedClaim {
  const { authorization } = headers;
  const token = headers['x-amz-security-token'];
  if (authorization?.startsWith('AWS4-')) {
    const fields = authorizationFields(authorization);
    return claimOf('header', {
      algorithm: authorization.split(' ', 1)[0],
      credential: fields.get('Credential'),
      signedHeaders: fields.get('SignedHeaders'),
      signature: fields.get('Signature'),
      instant: text(headers['x-amz-date']),
      expires: '0',
      token: text(token),
    });
  }
  if (!target.includes('X-Amz-Signature=')) return { kind: 'none' };
  const query = new URLSearchParams(target.slice(target.indexOf('?') + 1));
  const parameter = (name: string) => query.get(name) ?? undefined;
  return claimOf('presigned', {
    algorithm: parameter('X-Amz-Algorithm'),
    credential: parameter('X-Amz-Credential'),
    signedHeaders: parameter('X-Amz-SignedHeaders'),
    signature: parameter('X-Amz-Signature'),
    instant: parameter('X-Amz-Date'),
    expires: parameter('X-Amz-Expires'),
    token: parameter('X-Amz-Security-Token'),
  });
}

type Fields = Readonly<
  Record<
    'algorithm' | 'credential' | 'signedHeaders' | 'signature' | 'instant' | 'expires' | 'token',
    string | undefined
  >
>;

function claimOf(kind: SignatureClaim['kind'], fields: Fields): ParsedClaim {
  const scope = CREDENTIAL.exec(fields.credential ?? '')?.groups;
  const signedAtMs = instantOf(fields.instant ?? '');
  const expiresSeconds = Number(/^\d{1,6}$/.test(fields.expires ?? '') ? fields.expires : Number.NaN);
  const problem =
    fields.algorithm !== ALGORITHM
      ? `Unsupported AWS 'algorithm': '${fields.algorithm}'.`
      : !scope
        ? "Authorization requires a 'Credential' of the form access key/date/region/service/aws4_request."
        : !fields.signedHeaders
          ? "Authorization requires the parameter 'SignedHeaders'."
          : !/^[0-9a-f]{64}$/.test(fields.signature ?? '')
            ? "Authorization requires the parameter 'Signature'."
            : signedAtMs === undefined || fields.instant?.slice(0, 8) !== scope['day']
              ? "Authorization requires 'X-Amz-Date' in ISO 8601 basic format, on the day of its credential."
              : !(expiresSeconds <= EXPIRES_SECONDS_MAX)
                ? 'X-Amz-Expires must be a number of seconds of less than a week.'
                : undefined;
  if (problem !== undefined) return { kind: 'incomplete', message: problem };
  const { key, day, region, service } = scope as Record<'key' | 'day' | 'region' | 'service', string>;
  return {
    kind: 'claim',
    claim: {
      kind,
      accessKeyId: key,
      day,
      region,
      service,
      signedHeaders: (fields.signedHeaders as string).toLowerCase().split(';'),
      signature: fields.signature as string,
      signedAtMs: signedAtMs as number,
      expiresSeconds,
      sessionToken: fields.token,
    },
  };
}

function authorizationFields(authorization: string): Map<string, string> {
  const fields = authorization.slice(authorization.indexOf(' ') + 1).split(',');
  return new Map(
    fields.map(field => {
      const [name = '', ...value] = field.trim().split('=');
      return [name, value.join('=')];
    }),
  );
}

function instantOf(instant: string): number | undefined {
  const parts = INSTANT.exec(instant)?.slice(1).map(Number) as
    | [number, number, number, number, number, number]
    | undefined;
  return parts && Date.UTC(parts[0], parts[1] - 1, parts[2], parts[3], parts[4], parts[5]);
}

function text(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
