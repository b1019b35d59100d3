/**
 * What a member of a cluster shows and trusts, all as PEM. Both ends of every connection show a certificate. It may be
 * renewed at any time: who makes connections reads it for each, and all of it in one turn.
 */
export interface TlsMaterial {
  /** Who signs the certificates of this cluster. */
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}
