import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { type FunctionRecord, LATEST, type VersionRecord } from '@lambent/functions';
import { toFunctionConfiguration } from './function-configuration.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

/** One line of the list. */
interface Row {
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
}

/** `MasterRegion` selects replicated Lambda@Edge functions on AWS; there are none, and AWS ignores it without. */
export function listFunctions(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListFunctions'>, LambdaOutput<'ListFunctions'>> {
  return async input => {
    const all = input.FunctionVersion === 'ALL';
    const [name, version] = decodeMarker(input.Marker, 2) ?? [];
    const limit = pageSize(input.MaxItems);
    const rows = all
      ? await versionsFrom(backend, { name, version, limit })
      : await functionsAfter(backend, name, limit);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      Functions: page.map(row =>
        toFunctionConfiguration({
          ...row,
          region: backend.region,
          qualifier: all ? row.version.version : undefined,
          moment: { kind: 'listed' },
        }),
      ),
      ...(rows.length > limit &&
        last && {
          NextMarker: encodeMarker(all ? [last.record.name, last.version.version] : [last.record.name]),
        }),
    };
  };
}

/** Up to one more than `limit`: that one says that there is a next page. */
async function functionsAfter(
  { store }: LambdaBackend,
  after: string | undefined,
  limit: number,
): Promise<Row[]> {
  const { items } = await store.list({ after, limit: limit + 1 });
  return items.map(record => ({ record, version: record.latest }));
}

/** Function by function, $LATEST first; goes on within the function at which the page before ended. */
async function versionsFrom(
  backend: LambdaBackend,
  position: {
    readonly name: string | undefined;
    readonly version: string | undefined;
    readonly limit: number;
  },
): Promise<Row[]> {
  const { store } = backend;
  const { name, version, limit } = position;
  const rows: Row[] = [];
  const current = name === undefined ? undefined : await store.read(name);
  if (current) rows.push(...(await publishedRows(backend, current, version, limit + 1)));
  for (let after = name; rows.length <= limit; ) {
    const { items, more } = await store.list({ after, limit: limit + 1 - rows.length });
    for (const record of items) {
      rows.push({ record, version: record.latest });
      if (rows.length <= limit)
        rows.push(...(await publishedRows(backend, record, LATEST, limit + 1 - rows.length)));
    }
    after = items.at(-1)?.name;
    if (!more || after === undefined) break;
  }
  return rows;
}

async function publishedRows(
  { store }: LambdaBackend,
  record: FunctionRecord,
  after: string | undefined,
  limit: number,
): Promise<Row[]> {
  const from = after === LATEST ? undefined : after;
  const { items } = await store.listVersions(record.id, { after: from, limit });
  return items.map(version => ({ record, version }));
}
