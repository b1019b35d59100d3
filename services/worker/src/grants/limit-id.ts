import type { EnvironmentSpec } from '@lambent/contracts';
import { POOL_LIMIT_ID } from '@lambent/membership';

/** Which limit the invocations of such an environment count against: no function has one of its own yet. */
export function limitIdOf(_spec: EnvironmentSpec): string {
  return POOL_LIMIT_ID;
}

export function provisionedLimitId(functionId: string, version: string): string {
  return `${functionId}:${version}`;
}
