import { ServerCredentials } from '@grpc/grpc-js';
import type { TlsMaterial } from '@lambent/core';

/** Of a server on whose connections both sides show a certificate: each shows the one there is when it comes. */
export class GrpcServerCredentials extends ServerCredentials {
  readonly #tls: TlsMaterial;
  #shown: string;

  constructor(tls: TlsMaterial) {
    super({ requestCert: true, rejectUnauthorized: true }, contextOf(tls));
    this.#tls = tls;
    this.#shown = tls.certificate;
  }

  /** To be called before each connection. */
  renew(): void {
    if (this.#tls.certificate === this.#shown) return;
    this.#shown = this.#tls.certificate;
    this.updateSecureContextOptions(contextOf(this.#tls));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}

function contextOf({ ca, certificate: cert, privateKey: key }: TlsMaterial) {
  return { ca, cert, key };
}
