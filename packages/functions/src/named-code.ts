import type { Entry, Registry } from '@lambent/registry';
import { FUNCTIONS_PREFIX, VERSIONS_PREFIX } from './function-keys.ts';
import { decodeFunction, decodeVersion } from './stored-record.ts';

/** Decoded in one turn of the event loop, beside invocations. */
const PAGE = 100;

/**
 * The digests of all packages that a function or a published version of any account names. What names a package when
 * this begins, and still does when it ends, is among them, although it is read page by page: functions come first,
 * since a package only moves from a function's $LATEST to a version it publishes, never back. A record that cannot
 * be read fails it all.
 *
 * In memory is one digest for each package named, some 100 bytes where Blobs has a file.
 */
export async function namedCode(
  registry: Pick<Registry, 'range'>,
  options: { readonly signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  const digests = new Set<string>();
  for await (const entry of entriesBelow(FUNCTIONS_PREFIX, registry, options)) {
    digests.add(decodeFunction(entry).latest.code.digest);
  }
  for await (const entry of entriesBelow(VERSIONS_PREFIX, registry, options)) {
    digests.add(decodeVersion(entry).code.digest);
  }
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
