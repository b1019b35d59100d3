export {
  changeDivision,
  type DivisionChange,
  type DivisionPlan,
  planDivision,
  readDivision,
} from './change-division.ts';
export { claimClusterId } from './cluster-identity.ts';
export {
  ACCOUNT_KEY,
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
export { Division } from './division.ts';
export { type Forgotten, forgetWorker } from './forget-worker.ts';
export { grantBlock } from './grant-block.ts';
export { POOL_LIMIT_ID, provisionedFunctionOf, provisionedLimitId } from './limit-id.ts';
export {
  type AccountRecord,
  decodeAccount,
  decodeLimit,
  type LimitRecord,
  limitIdOf,
  usableOf,
} from './limit-record.ts';
export { Limits, type LimitsWatchOptions, watchLimits } from './limits.ts';
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
export type { ClusterRecord, FleetRecord, MemberRecord } from './records.ts';
export { byRendezvous } from './rendezvous.ts';
export { settleSetting } from './settled-setting.ts';
export { slotsOf } from './slots-of.ts';
export { slotsOfWorker } from './slots-of-worker.ts';
