import type { X509Certificate } from 'node:crypto';
import type { Blobs } from '@lambent/blobs';
import type { EnvironmentSpec } from '@lambent/contracts';
import type { Clock, Quotas, Random } from '@lambent/core';
import type { MappingStore } from '@lambent/event-sources';
import type {
  CapacityProviderRecord,
  CodeSigningStore,
  FunctionStore,
  LayerStore,
  Stamp,
} from '@lambent/functions';
import type { RecordTable, Registry } from '@lambent/registry';
import type { Calls } from '../calls/calls.ts';
import type { CodeLinks } from '../code-links.ts';
import type { UrlHosts } from '../urls/url-hosts.ts';

/** What the operations of the Lambda API are made of. */
export interface LambdaBackend {
  readonly accountId: string;
  readonly region: string;
  readonly quotas: Quotas;
  /** For changes, and for reads that must see them. */
  readonly store: FunctionStore;
  readonly mappings: MappingStore;
  readonly capacityProviders: RecordTable<CapacityProviderRecord>;
  readonly layers: LayerStore;
  readonly codeSigning: CodeSigningStore;
  /** Who vouches for those who sign code. */
  readonly signingRoots: readonly X509Certificate[];
  /** For limits and what is provisioned, which are not the functions' own. */
  readonly registry: Registry;
  readonly calls: Calls;
  readonly blobs: Blobs;
  readonly codeLinks: CodeLinks;
  readonly urlHosts: UrlHosts;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether some worker has the runtime. */
  runtimeAvailable(runtime: string): boolean;
  /** Has one environment started that nobody waits for. Tried for a while, no promise. */
  prepare(spec: EnvironmentSpec): void;
  /** Ends the environments of a function that is deleted. */
  retire(functionId: string): void;
  /** Code was deployed though its signature is not trusted, since its owner wanted no more than to be told. */
  onUntrusted(deployment: { readonly functionName: string; readonly part: string }): void;
  /** Trouble of our own that a client was told of as a ServiceException: somebody has to look at it. */
  onTrouble(error: unknown, requestId: string): void;
}

/** For one change to a function. */
export function stampOf({ clock, random, runtimeAvailable }: LambdaBackend): Stamp {
  return { revisionId: random.uuid(), atMs: clock.nowMs(), runtimeAvailable };
}
