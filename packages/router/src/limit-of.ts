import type { EnvironmentSpec } from '@lambent/contracts';
import { POOL_LIMIT_ID } from '@lambent/membership';

/** Which limit the invocations of a configuration count against. */
export function limitOf(_spec: EnvironmentSpec): string {
  return POOL_LIMIT_ID;
}
