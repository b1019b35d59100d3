import type { RequestHead } from './protocol.ts';

/** How a service is told from the others on the same server. */
export interface Address {
  /** As signatures name it in their scope, and as a label of its hosts. */
  readonly name: string;
  /** What stands before the dot in `X-Amz-Target`, of a service that speaks JSON-RPC. */
  readonly target?: string;
  /** The `Version` of a service that is asked with forms. */
  readonly version?: string;
}

/** `Authorization` holds the scope as it is, a presigned query percent-encoded. */
const SIGNED_FOR = /Credential=[^,\s&]*(?:\/|%2F)([a-z0-9-]{1,64})(?:\/|%2F)aws4_request/i;
const FORM = 'application/x-www-form-urlencoded';

/**
 * Whom a request is for, of all services on one server. The scope of its signature says so, verified or not; what is
 * not signed says it by what the service's protocol has for that, then by its host. The first service answers for
 * whatever says nothing.
 */
export class Addressees<Service extends Address> {
  readonly #first: Service;
  readonly #byName: ReadonlyMap<string, Service>;
  readonly #byTarget: ReadonlyMap<string, Service>;
  readonly #byVersion: ReadonlyMap<string, Service>;

  constructor(services: readonly [Service, ...Service[]]) {
    this.#first = services[0];
    this.#byName = new Map(services.map(service => [service.name, service]));
    this.#byTarget = new Map(services.flatMap(it => (it.target === undefined ? [] : [[it.target, it]])));
    this.#byVersion = new Map(services.flatMap(it => (it.version === undefined ? [] : [[it.version, it]])));
  }

  of(head: RequestHead): Service {
    if (this.#byName.size === 1) return this.#first;
    return (
      this.#signedFor(head) ??
      this.#targeted(head) ??
      this.#formed(head) ??
      this.#hosted(head.headers.host) ??
      this.#first
    );
  }

  #signedFor({ headers, target }: RequestHead): Service | undefined {
    const credential =
      SIGNED_FOR.exec(headers.authorization ?? '') ??
      (target.includes('X-Amz-Credential=') ? SIGNED_FOR.exec(target) : null);
    return credential ? this.#byName.get(credential[1] as string) : undefined;
  }

  #targeted({ headers }: RequestHead): Service | undefined {
    const target = headers['x-amz-target'];
    return typeof target === 'string' ? this.#byTarget.get(target.split('.', 1)[0] as string) : undefined;
  }

  /** A form whose body says the version is of the one service asked without a signature: for credentials. */
  #formed({ method, target, headers }: RequestHead): Service | undefined {
    const mark = target.indexOf('?');
    const version = mark < 0 ? null : new URLSearchParams(target.slice(mark)).get('Version');
    if (version !== null) return this.#byVersion.get(version);
    const form = method === 'POST' && headers['content-type']?.startsWith(FORM);
    return form && target === '/' ? this.#byName.get('sts') : undefined;
  }

  /** `sts.example.org`, `a-bucket.s3.example.org`: of several names the last, since labels before it are the client's. */
  #hosted(host: string | undefined): Service | undefined {
    const label = host?.split('.').findLast(it => this.#byName.has(it));
    return label === undefined ? undefined : this.#byName.get(label);
  }
}
