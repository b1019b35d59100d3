import type { IncomingMessage } from 'node:http';

/** Where function URLs are: under hosts of their own below a base, and on any gateway under a path. */
export class UrlHosts {
  readonly #region: string;
  /** As `https://functions.example.com`; undefined: the paths are told of. */
  readonly #base: URL | undefined;

  constructor(options: { readonly region: string; readonly urlBase: string }) {
    this.#region = options.region;
    this.#base = options.urlBase === '' ? undefined : new URL(options.urlBase);
  }

  /** `baseUrl` is where whoever asks reached a gateway. */
  urlOf(urlId: string, baseUrl: string): string {
    if (!this.#base) return `${baseUrl}${PATH}${urlId}/`;
    return `${this.#base.protocol}//${urlId}.lambda-url.${this.#region}.${this.#base.host}/`;
  }

  /** Which URL a request came to, and what of its target follows it; undefined: to none. */
  find({ url = '/', headers }: IncomingMessage): UrlTarget | undefined {
    const host = HOST.exec(headers.host ?? '');
    if (host?.[1] !== undefined) return { urlId: host[1], target: url };
    if (!url.startsWith(PATH)) return undefined;
    const [, urlId = '', rest = ''] = BELOW.exec(url.slice(PATH.length)) ?? [];
    return { urlId, target: rest.startsWith('/') ? rest : `/${rest}` };
  }
}

export interface UrlTarget {
  readonly urlId: string;
  /** Path and query, as they were sent. */
  readonly target: string;
}

const PATH = '/_lambent/url/';
const HOST = /^([a-z0-9]{32})\.lambda-url\./;
const BELOW = /^([^/?]*)(.*)$/s;
