import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { AliasRecord } from '@lambent/functions';
import { toAliasConfiguration } from './alias-configuration.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

export function listAliases(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListAliases'>, LambdaOutput<'ListAliases'>> {
  return async input => {
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    const record = await backend.store.read(address.name);
    if (!record) throw address.notFound();
    const [after] = decodeMarker(input.Marker, 1) ?? [];
    const limit = pageSize(input.MaxItems);
    const version = input.FunctionVersion;
    // One more than is shown says that there is a next page.
    const aliases = await aliasesAfter(backend, record.id, { after, version, limit: limit + 1 });
    const page = aliases.slice(0, limit);
    const last = page.at(-1);
    return {
      Aliases: page.map(alias => toAliasConfiguration(address, alias)),
      ...(aliases.length > limit && last && { NextMarker: encodeMarker([last.name]) }),
    };
  };
}

/** As AWS does, a version that gets only a share of an alias's invocations is not counted as what it points at. */
async function aliasesAfter(
  { store }: LambdaBackend,
  functionId: string,
  wanted: {
    readonly after: string | undefined;
    readonly version: string | undefined;
    readonly limit: number;
  },
): Promise<readonly AliasRecord[]> {
  const { version, limit } = wanted;
  const found: AliasRecord[] = [];
  for (let { after } = wanted; ; ) {
    const { items, more } = await store.listAliases(functionId, { after, limit: limit - found.length });
    found.push(...items.filter(alias => version === undefined || alias.version === version));
    after = items.at(-1)?.name;
    if (!more || found.length >= limit) return found;
  }
}
