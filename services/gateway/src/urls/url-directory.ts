import type { Clock } from '@lambent/core';
import { formatFunctionArn } from '@lambent/core';
import type { FunctionStore, UrlOwner, UrlRecord } from '@lambent/functions';
import { LATEST } from '@lambent/functions';
import { evaluate, type PolicyDocument, parsePolicy } from '@lambent/iam';

/** What is behind a URL. */
export interface KnownUrl {
  readonly owner: UrlOwner;
  readonly url: UrlRecord;
  /** Of the function or alias that it is about. */
  readonly arn: string;
  readonly policy: PolicyDocument | undefined;
  /** Whether anybody at all may call it, as the policy says. */
  readonly isOpen: boolean;
}

export interface UrlDirectoryOptions {
  readonly store: FunctionStore;
  readonly clock: Clock;
  readonly accountId: string;
  readonly region: string;
}

/** Finds what is behind URLs. What it says may be a second old, so that a call reads nothing from the registry. */
export class UrlDirectory {
  readonly #options: UrlDirectoryOptions;
  /** In the order in which they were read. */
  readonly #known = new Map<
    string,
    { readonly found: Promise<KnownUrl | undefined>; readonly untilMs: number }
  >();

  constructor(options: UrlDirectoryOptions) {
    this.#options = options;
  }

  find(urlId: string): Promise<KnownUrl | undefined> {
    const nowMs = this.#options.clock.monotonicMs();
    const known = this.#known.get(urlId);
    if (known && known.untilMs > nowMs) return known.found;
    this.#known.delete(urlId);
    const [oldest] = this.#known.keys();
    if (this.#known.size >= URLS_MAX && oldest !== undefined) this.#known.delete(oldest);
    const found = this.#read(urlId);
    found.catch(() => this.#known.delete(urlId));
    this.#known.set(urlId, { found, untilMs: nowMs + KNOWN_MS });
    return found;
  }

  async #read(urlId: string): Promise<KnownUrl | undefined> {
    const { store } = this.#options;
    const owner = ID.test(urlId) ? await store.readUrlOwner(urlId) : undefined;
    if (!owner) return undefined;
    const { functionName, functionId, qualifier } = owner;
    const [record, url, policy] = await Promise.all([
      store.read(functionName),
      store.readUrl(functionId, qualifier),
      store.readPolicy(functionId, qualifier),
    ]);
    if (record?.id !== functionId || url?.urlId !== urlId) return undefined;
    const parsed = policy && parsePolicy(policy.document, 'resource');
    const document = parsed?.kind === 'valid' ? parsed.document : undefined;
    const arn = this.#arnOf(owner);
    return { owner, url, arn, policy: document, isOpen: document !== undefined && isOpen(document, arn) };
  }

  #arnOf({ functionName: name, qualifier }: UrlOwner): string {
    return formatFunctionArn({ ...this.#options, name, ...(qualifier !== LATEST && { qualifier }) });
  }
}

/** AWS wants both: that its URL may be called, and that the function may be invoked that way. */
export function wantedOf(authType: UrlRecord['authType']) {
  return [
    { action: 'lambda:InvokeFunctionUrl', context: { 'lambda:FunctionUrlAuthType': authType } },
    { action: 'lambda:InvokeFunction', context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
  ] as const;
}

function isOpen(policy: PolicyDocument, resource: string): boolean {
  const principal = { kind: 'anonymous' } as const;
  return wantedOf('NONE').every(wanted => evaluate([policy], { principal, resource, ...wanted }) === 'allow');
}

const ID = /^[a-z0-9]{32}$/;
const KNOWN_MS = 1_000;
/** One for every tenth function of a full cell. */
const URLS_MAX = 10_000;
