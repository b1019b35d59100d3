/** Who signed a request, as far as the signature says so itself: it is read here, not verified. */
export interface Caller {
  readonly accessKeyId?: string;
  readonly region?: string;
}

const NOBODY: Caller = {};
/** Access key, day, region, service: the credential scope of Signature Version 4. */
const CREDENTIAL =
  /^(?<key>[A-Za-z0-9_]{1,128})\/\d{8}\/(?<region>[a-z0-9-]{1,32})\/[a-z0-9-]{1,64}\/aws4_request$/;
const IN_HEADER = /Credential=([^,\s]+)/;

/** Reads the `Authorization` header of a signed request, or the query of a presigned one. */
export function parseCaller(authorization: string | undefined, url: string): Caller {
  const signed = authorization?.startsWith('AWS4-') ? IN_HEADER.exec(authorization)?.[1] : undefined;
  const groups = CREDENTIAL.exec(signed ?? presignedCredential(url) ?? '')?.groups;
  if (!groups) return NOBODY;
  const { key, region } = groups as { key: string; region: string };
  return { accessKeyId: key, region };
}

function presignedCredential(url: string): string | undefined {
  if (!url.includes('X-Amz-Credential=')) return undefined;
  return new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('X-Amz-Credential') ?? undefined;
}
