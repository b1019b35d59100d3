import { fail } from '@lambent/core';
import type { Registry } from '@lambent/registry';
import { settledKey } from './cluster-keys.ts';
import { writeOnce } from './write-once.ts';

/**
 * Some settings say where things lie, and are the same for all members and for ever: the first that starts settles
 * them. Rejects with `config-invalid` for who was told another, and with `registry-unavailable`.
 */
export async function settleSetting(
  registry: Registry,
  {
    variable,
    value,
    because,
  }: { readonly variable: string; readonly value: string; readonly because: string },
): Promise<void> {
  const entry = await writeOnce(registry, settledKey(variable), Buffer.from(value));
  const settled = Buffer.from(entry.value).toString();
  if (settled === value) return;
  const detail = `it is ${value}, and ${settled} since the beginning of what is stored; ${because}`;
  throw fail('config-invalid', { name: variable, detail });
}
