import type { EnvironmentKey } from '../gen/lambent/v1/environment_pb.ts';

/** An environment key as a map key: equal texts, equal keys. */
export type EnvironmentKeyText = string & { readonly brand: 'EnvironmentKeyText' };

/** The tenant stands last, since it alone may hold any character. */
export function environmentKeyText(key: EnvironmentKey): EnvironmentKeyText {
  return `${key.functionId}/${key.version}/${key.revision}/${key.tenantId}` as EnvironmentKeyText;
}
