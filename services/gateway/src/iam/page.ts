import { AwsError } from '@lambent/aws-api';

/** A page as IAM asks for one. */
interface PageInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

interface Page<T> {
  readonly items: T[];
  readonly IsTruncated: boolean;
  readonly Marker?: string;
}

interface Source<T> {
  /** Those after `after`, in order. */
  read(page: {
    after: string | undefined;
    limit: number;
  }): Promise<{ readonly items: readonly T[]; readonly more: boolean }>;
  idOf(item: T): string;
  wanted?(item: T): boolean;
}

/** One page of what is wanted; what is not is passed over, so a page is full where there is enough. */
export async function readPage<T>(input: PageInput, { read, idOf, wanted }: Source<T>): Promise<Page<T>> {
  const limit = input.MaxItems ?? PAGE_DEFAULT;
  const items: T[] = [];
  let after = decodeMarker(input.Marker);
  for (let more = true; more && items.length <= limit; ) {
    const chunk = await read({ after, limit: CHUNK });
    items.push(...chunk.items.filter(item => wanted?.(item) ?? true));
    const last = chunk.items.at(-1);
    more = chunk.more && last !== undefined;
    if (last !== undefined) after = idOf(last);
  }
  return cut(items, limit, idOf);
}

/** One page of a list that is at hand, in its order. */
export function pageOf<T>(input: PageInput, all: readonly T[], idOf: (item: T) => string): Page<T> {
  const after = decodeMarker(input.Marker);
  const from = after === undefined ? 0 : all.findIndex(item => idOf(item) === after) + 1;
  return cut(all.slice(from), input.MaxItems ?? PAGE_DEFAULT, idOf);
}

function cut<T>(items: readonly T[], limit: number, idOf: (item: T) => string): Page<T> {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  if (items.length <= limit || last === undefined) return { items: page, IsTruncated: false };
  return { items: page, IsTruncated: true, Marker: Buffer.from(idOf(last)).toString('base64url') };
}

function decodeMarker(marker: string | undefined): string | undefined {
  if (marker === undefined) return undefined;
  const after = Buffer.from(marker, 'base64url').toString();
  if (after !== '' && Buffer.from(after).toString('base64url') === marker) return after;
  throw new AwsError('ValidationException', 'Invalid Marker.');
}

const PAGE_DEFAULT = 100;
/** Records read at once. */
const CHUNK = 200;
