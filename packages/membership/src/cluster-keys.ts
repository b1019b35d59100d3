import { encodeKeyPart } from '@lambent/registry';

/**
 * Where in the registry a cluster keeps what it knows of itself:
 *
 * | key | holds | lives |
 * |---|---|---|
 * | `cluster` | the cluster's identity | for ever |
 * | `settled/<setting>` | a setting that is the same for all members, as text | for ever |
 * | `members/<role>/<id>` | `MemberRecord` | as long as the member's session |
 * | `fleet/<worker id>` | `FleetRecord` | from joining until leaving, whatever becomes of the session |
 * | `account` | `AccountRecord` | for ever |
 * | `limits/<limit id>` | `LimitRecord` | as long as somebody wants some of it or has some; the pool's for ever |
 * | `grants/<limit id>/<worker id>` | how many of them a worker holds, in decimal | as long as its grant lease |
 * | `provisioned/<function id>/<qualifier>` | `ProvisionedRecord` | until its owner deletes it |
 * | `provisioned-standing/<function id>/<qualifier>` | `ProvisionedStanding` | as long as that |
 */
export const CLUSTER_KEY = 'cluster';

export function settledKey(setting: string): string {
  return `settled/${encodeKeyPart(setting)}`;
}

export const MEMBERS_PREFIX = 'members/';

export function membersPrefix(role: Role): string {
  return `${MEMBERS_PREFIX}${role}/`;
}

export function memberKey(role: Role, id: string): string {
  return membersPrefix(role) + encodeKeyPart(id);
}

export const FLEET_PREFIX = 'fleet/';

export function fleetKey(workerId: string): string {
  return FLEET_PREFIX + encodeKeyPart(workerId);
}

export const ACCOUNT_KEY = 'account';

export const LIMITS_PREFIX = 'limits/';

export function limitKey(limitId: string): string {
  return LIMITS_PREFIX + encodeKeyPart(limitId);
}

export const GRANTS_PREFIX = 'grants/';

export function grantsPrefix(limitId: string): string {
  return `${GRANTS_PREFIX}${encodeKeyPart(limitId)}/`;
}

export function grantKey(limitId: string, workerId: string): string {
  return grantsPrefix(limitId) + encodeKeyPart(workerId);
}

/** What was asked for, of all functions. */
export const PROVISIONED_PREFIX = 'provisioned/';

export function provisionedPrefix(functionId: string): string {
  return `${PROVISIONED_PREFIX}${encodeKeyPart(functionId)}/`;
}

export function provisionedKey(functionId: string, qualifier: string): string {
  return provisionedPrefix(functionId) + encodeKeyPart(qualifier);
}

/** What became of it, of all functions. */
export const PROVISIONED_STANDING_PREFIX = 'provisioned-standing/';

export function provisionedStandingPrefix(functionId: string): string {
  return `${PROVISIONED_STANDING_PREFIX}${encodeKeyPart(functionId)}/`;
}

export function provisionedStandingKey(functionId: string, qualifier: string): string {
  return provisionedStandingPrefix(functionId) + encodeKeyPart(qualifier);
}

export const ROLES = ['gateway', 'placement', 'worker', 'events'] as const;
export type Role = (typeof ROLES)[number];
