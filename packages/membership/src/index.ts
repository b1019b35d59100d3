export { claimClusterId } from './cluster-identity.ts';
export {
  CLUSTER_KEY,
  FLEET_PREFIX,
  fleetKey,
  GRANTS_PREFIX,
  grantKey,
  grantsPrefix,
  LIMITS_PREFIX,
  limitKey,
  MEMBERS_PREFIX,
  memberKey,
  membersPrefix,
  POOL_LIMIT_ID,
  PROVISIONED_PREFIX,
  PROVISIONED_STANDING_PREFIX,
  provisionedKey,
  provisionedPrefix,
  provisionedStandingKey,
  provisionedStandingPrefix,
  ROLES,
  type Role,
  settledKey,
} from './cluster-keys.ts';
export { type Forgotten, forgetWorker } from './forget-worker.ts';
export { decodeMember, type MemberWatchOptions, watchMembers } from './member-watch.ts';
export { Membership, type MembershipOptions, SESSION_TTL_MS } from './membership.ts';
export { outlives, type Place, placeText } from './place.ts';
export {
  decodeProvisioned,
  decodeProvisionedStanding,
  type ProvisionedRecord,
  type ProvisionedStanding,
  type ProvisionedStatus,
} from './provisioned-record.ts';
export { decodeRecord, encodeRecord } from './record-codec.ts';
export type { ClusterRecord, FleetRecord, LimitRecord, MemberRecord } from './records.ts';
export { byRendezvous } from './rendezvous.ts';
export { settleSetting } from './settled-setting.ts';
export { slotsOfWorker } from './slots-of-worker.ts';
