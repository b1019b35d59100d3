/** Paths of PEM files. With them an engine shows its certificate on every port and wants one of every client. */
export interface TlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}
