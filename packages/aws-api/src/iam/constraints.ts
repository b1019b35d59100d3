import type { Constraint, Constraints, ConstraintTable } from '../constraint.ts';

/** What the schemas lack, from AWS's own API model. */
const NAME = '[\\w+=,.@-]+';
const TEXT = '[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+';
const ROLE_NAME: Constraint = { min: 1, max: 64, pattern: NAME };
const USER_NAME: Constraint = { min: 1, max: 64, pattern: NAME };
const GIVEN_USER_NAME: Constraint = { min: 1, max: 128, pattern: NAME };
const POLICY_NAME: Constraint = { min: 1, max: 128, pattern: NAME };
const PATH: Constraint = { min: 1, max: 512, pattern: '(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)' };
const PATH_PREFIX: Constraint = { min: 1, max: 512, pattern: '\\u002F[\\u0021-\\u007F]*' };
const ARN: Constraint = { min: 20, max: 2_048 };
const DOCUMENT: Constraint = { min: 1, max: 131_072, pattern: TEXT };
const DESCRIPTION: Constraint = {
  max: 1_000,
  pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*',
};
const SESSION_SECONDS: Constraint = { min: 3_600, max: 43_200, integer: true };
const VERSION_ID: Constraint = { pattern: 'v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?' };
const KEY_ID: Constraint = { min: 16, max: 128, pattern: '[\\w]+' };

const PAGE: Constraints = {
  Marker: { min: 1, pattern: '[\\u0020-\\u00FF]+' },
  MaxItems: { min: 1, max: 1_000, integer: true },
};
const TAGS: Constraints = {
  Tags: { max: 50 },
  'Tags.member.Key': { min: 1, max: 128, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+' },
  'Tags.member.Value': { min: 0, max: 256, pattern: '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*' },
};
const TAG_KEYS: Constraints = { TagKeys: { max: 50 }, 'TagKeys.member': { min: 1, max: 128 } };
const ROLE: Constraints = { RoleName: ROLE_NAME };
const ROLE_POLICY: Constraints = { ...ROLE, PolicyName: POLICY_NAME };
const POLICY: Constraints = { PolicyArn: ARN };
const POLICY_VERSION: Constraints = { ...POLICY, VersionId: VERSION_ID };
const USER: Constraints = { UserName: USER_NAME };
const ACCESS_KEY: Constraints = { UserName: GIVEN_USER_NAME, AccessKeyId: KEY_ID };

export const IAM_CONSTRAINTS: ConstraintTable = {
  CreateRole: {
    ...ROLE,
    ...TAGS,
    Path: PATH,
    AssumeRolePolicyDocument: DOCUMENT,
    Description: DESCRIPTION,
    MaxSessionDuration: SESSION_SECONDS,
    PermissionsBoundary: ARN,
  },
  GetRole: ROLE,
  ListRoles: { PathPrefix: PATH_PREFIX, ...PAGE },
  DeleteRole: ROLE,
  UpdateRole: { ...ROLE, Description: DESCRIPTION, MaxSessionDuration: SESSION_SECONDS },
  UpdateAssumeRolePolicy: { ...ROLE, PolicyDocument: DOCUMENT },
  TagRole: { ...ROLE, ...TAGS },
  UntagRole: { ...ROLE, ...TAG_KEYS },
  ListRoleTags: { ...ROLE, ...PAGE },
  ListInstanceProfilesForRole: { ...ROLE, ...PAGE },
  PutRolePolicy: { ...ROLE_POLICY, PolicyDocument: DOCUMENT },
  GetRolePolicy: ROLE_POLICY,
  DeleteRolePolicy: ROLE_POLICY,
  ListRolePolicies: { ...ROLE, ...PAGE },
  AttachRolePolicy: { ...ROLE, ...POLICY },
  DetachRolePolicy: { ...ROLE, ...POLICY },
  ListAttachedRolePolicies: { ...ROLE, PathPrefix: PATH_PREFIX, ...PAGE },
  CreateServiceLinkedRole: {
    AWSServiceName: { min: 1, max: 128, pattern: NAME },
    Description: DESCRIPTION,
    CustomSuffix: { min: 1, max: 64, pattern: NAME },
  },
  CreatePolicy: {
    PolicyName: POLICY_NAME,
    Path: PATH,
    PolicyDocument: DOCUMENT,
    Description: DESCRIPTION,
    ...TAGS,
  },
  GetPolicy: POLICY,
  DeletePolicy: POLICY,
  ListPolicies: {
    Scope: { enum: ['All', 'AWS', 'Local'] },
    PathPrefix: PATH_PREFIX,
    PolicyUsageFilter: { enum: ['PermissionsPolicy', 'PermissionsBoundary'] },
    ...PAGE,
  },
  CreatePolicyVersion: { ...POLICY, PolicyDocument: DOCUMENT },
  GetPolicyVersion: POLICY_VERSION,
  DeletePolicyVersion: POLICY_VERSION,
  SetDefaultPolicyVersion: POLICY_VERSION,
  ListPolicyVersions: { ...POLICY, ...PAGE },
  CreateUser: { ...USER, Path: PATH, PermissionsBoundary: ARN, ...TAGS },
  GetUser: { UserName: GIVEN_USER_NAME },
  DeleteUser: { UserName: GIVEN_USER_NAME },
  ListUsers: { PathPrefix: PATH_PREFIX, ...PAGE },
  CreateAccessKey: { UserName: GIVEN_USER_NAME },
  DeleteAccessKey: ACCESS_KEY,
  ListAccessKeys: { UserName: GIVEN_USER_NAME, ...PAGE },
};
