/** What a member of a cluster shows and trusts, all as PEM. Both ends of every connection show a certificate. */
export interface TlsMaterial {
  /** Who signs the certificates of this cluster. */
  readonly ca: string;
  readonly certificate: string;
  readonly privateKey: string;
}
