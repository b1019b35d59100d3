import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4, type SignatureV4Init } from '@smithy/signature-v4';
import type { Sign } from './http-target.ts';

export interface SignerOptions {
  readonly origin: string;
  readonly credentials: SignatureV4Init['credentials'];
  readonly region: SignatureV4Init['region'];
}

/** AWS's signature, version 4, of each request. */
export function createSigner({ origin, credentials, region }: SignerOptions): Sign {
  const { protocol, hostname, host } = new URL(origin);
  const signer = new SignatureV4({ service: 'lambda', credentials, region, sha256: Sha256 });
  return async (path, headers, body) => {
    const signed = await signer.sign({
      method: 'POST',
      protocol,
      hostname,
      path,
      headers: { ...headers, host },
      body,
    });
    return signed.headers;
  };
}
