import { type FunctionRecord, LATEST, type VersionRecord } from '@lambent/functions';
import type { LambdaBackend } from './lambda-backend.ts';

/** A version that names a capacity provider. */
export interface VersionOnProvider {
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
}

export interface Position {
  readonly name: string;
  readonly version: string;
}

/**
 * Those after `after`, function by function, $LATEST first, at most `limit`. Reads all functions; of those without any
 * capacity provider, which they never get later, no versions.
 */
export async function versionsOnProvider(
  { store }: LambdaBackend,
  options: { readonly arn: string; readonly after: Position | undefined; readonly limit: number },
): Promise<readonly VersionOnProvider[]> {
  const { arn, after, limit } = options;
  const found: VersionOnProvider[] = [];
  const add = async (record: FunctionRecord, from: string | undefined) => {
    if (!record.latest.configuration.capacityProvider) return;
    if (from === undefined && names(record.latest, arn)) found.push({ record, version: record.latest });
    for (let last = from === LATEST ? undefined : from, more = true; more && found.length < limit; ) {
      const page = await store.listVersions(record.id, { after: last, limit: PAGE });
      found.push(...page.items.filter(version => names(version, arn)).map(version => ({ record, version })));
      last = page.items.at(-1)?.version;
      more = page.more;
    }
  };
  const current = after && (await store.read(after.name));
  if (current) await add(current, after.version);
  for (let last = after?.name, more = true; more && found.length < limit; ) {
    const page = await store.list({ after: last, limit: PAGE });
    for (const record of page.items) if (found.length < limit) await add(record, undefined);
    last = page.items.at(-1)?.name;
    more = page.more;
  }
  return found.slice(0, limit);
}

function names({ configuration }: VersionRecord, arn: string): boolean {
  return configuration.capacityProvider?.arn === arn;
}

const PAGE = 500;
