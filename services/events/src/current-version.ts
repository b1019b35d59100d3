import type { AsyncInvocation, FunctionCatalog, RunnableVersion } from '@lambent/functions';

type Catalog = Pick<FunctionCatalog, 'resolve' | 'forget'>;

/**
 * The version to run now: whatever the name leads to today, as long as it is still the same function. Undefined: it is
 * gone, as the registry itself says; what is remembered may be older than the event. Rejects when the registry is silent.
 */
export async function currentVersion(
  catalog: Catalog,
  invocation: AsyncInvocation,
): Promise<RunnableVersion | undefined> {
  const remembered = await resolve(catalog, invocation);
  if (remembered) return remembered;
  catalog.forget(invocation.name);
  return resolve(catalog, invocation);
}

async function resolve(
  catalog: Catalog,
  { name, qualifier, functionId }: AsyncInvocation,
): Promise<RunnableVersion | undefined> {
  const found = await catalog.resolve({ name, ...(qualifier !== undefined && { qualifier }) });
  return found.kind === 'found' && found.record.id === functionId ? found : undefined;
}
