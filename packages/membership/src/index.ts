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
  ROLES,
  type Role,
} from './cluster-keys.ts';
export type { ClusterRecord, FleetRecord, MemberRecord } from './records.ts';
