import type { Entry, Registry } from '@lambent/registry';
import { FUNCTIONS_PREFIX, VERSIONS_PREFIX } from './function-keys.ts';
import { LAYER_VERSIONS_PREFIX } from './layer-keys.ts';
import { decodeFunction, decodeLayerVersion, decodeVersion } from './stored-record.ts';
import type { VersionRecord } from './version-record.ts';

/** Decoded in one turn of the event loop, beside invocations. */
const PAGE = 100;

/**
 * The digests of all packages that a layer's version, a function or a published version of any account names. What names
 * a package when this begins, and still does when it ends, is among them, although it is read page by page: layers come
 * first and functions next, since a package only moves from a layer that is there to a function's $LATEST, and from that
 * to a version it publishes, never back. A record that cannot be read fails it all.
 *
 * In memory is one digest for each package named, some 100 bytes where Blobs has a file.
 */
export async function namedCode(
  registry: Pick<Registry, 'range'>,
  options: { readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  const add = ({ code, configuration }: Pick<VersionRecord, 'code' | 'configuration'>) => {
    digests.add(code.digest);
    for (const layer of configuration.layers ?? []) digests.add(layer.code.digest);
  };
  for await (const entry of entriesBelow(LAYER_VERSIONS_PREFIX, registry, options)) {
    digests.add(decodeLayerVersion(entry).code.digest);
  }
  for await (const entry of entriesBelow(FUNCTIONS_PREFIX, registry, options)) {
    add(decodeFunction(entry).latest);
  }
  for await (const entry of entriesBelow(VERSIONS_PREFIX, registry, options)) add(decodeVersion(entry));
  return digests;
}

async function* entriesBelow(
  prefix: string,
  registry: Pick<Registry, 'range'>,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Entry> {
  let after: string | undefined;
  do {
    signal.throwIfAborted();
    const page = await registry.range(prefix, { limit: PAGE, ...(after !== undefined && { after }) });
    yield* page.entries;
    after = page.more ? page.entries.at(-1)?.key : undefined;
  } while (after !== undefined);
}
