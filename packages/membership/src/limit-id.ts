/** What every function without a reservation draws on. */
export const POOL_LIMIT_ID = 'pool';

/** What a version's provisioned environments draw on. A function's reservation goes by the function's own id. */
export function provisionedLimitId(functionId: string, version: string): string {
  return `${functionId}${SEPARATOR}${version}`;
}

/** Whose provisioned concurrency it is; undefined for the pool and for reservations. */
export function provisionedFunctionOf(limitId: string): string | undefined {
  const at = limitId.lastIndexOf(SEPARATOR);
  return at === -1 ? undefined : limitId.slice(0, at);
}

/** In no function's id, and in no version. */
const SEPARATOR = ':';
