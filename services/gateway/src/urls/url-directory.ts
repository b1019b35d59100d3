import type { Clock } from '@lambent/core';
import { formatFunctionArn } from '@lambent/core';
import type { FunctionStore, UrlOwner, UrlRecord } from '@lambent/functions';
import { LATEST } from '@lambent/functions';
import { evaluate, parsePolicy } from '@lambent/iam';

/** What is behind a URL. */
export interface KnownUrl {
  readonly owner: UrlOwner;
  readonly url: UrlRecord;
  /** Whether anybody at all may call it, as the policy of what it is about says. */
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
    return { owner, url, isOpen: policy !== undefined && this.#isOpen(owner, policy.document) };
  }

  /** AWS wants both: that its URL may be called, and that the function may be invoked that way. */
  #isOpen({ functionName: name, qualifier }: UrlOwner, policy: string): boolean {
    const parsed = parsePolicy(policy, 'resource');
    if (parsed.kind === 'invalid') return false;
    const resource = formatFunctionArn({
      ...this.#options,
      name,
      ...(qualifier !== LATEST && { qualifier }),
    });
    const principal = { kind: 'anonymous' } as const;
    return WANTED.every(
      wanted => evaluate([parsed.document], { principal, resource, ...wanted }) === 'allow',
    );
  }
}

const WANTED = [
  { action: 'lambda:InvokeFunctionUrl', context: { 'lambda:FunctionUrlAuthType': 'NONE' } },
  { action: 'lambda:InvokeFunction', context: { 'lambda:InvokedViaFunctionUrl': 'true' } },
] as const;

const ID = /^[a-z0-9]{32}$/;
const KNOWN_MS = 1_000;
/** One for every tenth function of a full cell. */
const URLS_MAX = 10_000;
