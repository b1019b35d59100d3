import type { IamHandlers } from '@lambent/aws-api';
import { attachRolePolicy } from './attach-role-policy.ts';
import { createAccessKey } from './create-access-key.ts';
import { createPolicy } from './create-policy.ts';
import { createRole } from './create-role.ts';
import { createUser } from './create-user.ts';
import { deleteAccessKey } from './delete-access-key.ts';
import { deletePolicy } from './delete-policy.ts';
import { deleteRole } from './delete-role.ts';
import { deleteRolePolicy } from './delete-role-policy.ts';
import { deleteUser } from './delete-user.ts';
import { detachRolePolicy } from './detach-role-policy.ts';
import { getPolicy } from './get-policy.ts';
import { getPolicyVersion } from './get-policy-version.ts';
import { getRole } from './get-role.ts';
import { getRolePolicy } from './get-role-policy.ts';
import { getUser } from './get-user.ts';
import type { IamBackend } from './iam-backend.ts';
import { listAccessKeys } from './list-access-keys.ts';
import { listAttachedRolePolicies } from './list-attached-role-policies.ts';
import { listInstanceProfilesForRole } from './list-instance-profiles-for-role.ts';
import { listPolicyVersions } from './list-policy-versions.ts';
import { listRolePolicies } from './list-role-policies.ts';
import { listRoleTags } from './list-role-tags.ts';
import { listRoles } from './list-roles.ts';
import { putRolePolicy } from './put-role-policy.ts';
import { tagRole } from './tag-role.ts';
import { translated } from './translated.ts';
import { untagRole } from './untag-role.ts';
import { updateAssumeRolePolicy } from './update-assume-role-policy.ts';
import { updateRole } from './update-role.ts';

export function iamHandlers(backend: IamBackend): IamHandlers {
  return translated({
    AttachRolePolicy: attachRolePolicy(backend),
    CreateAccessKey: createAccessKey(backend),
    CreatePolicy: createPolicy(backend),
    CreateRole: createRole(backend),
    CreateUser: createUser(backend),
    DeleteAccessKey: deleteAccessKey(backend),
    DeletePolicy: deletePolicy(backend),
    DeleteRole: deleteRole(backend),
    DeleteRolePolicy: deleteRolePolicy(backend),
    DeleteUser: deleteUser(backend),
    DetachRolePolicy: detachRolePolicy(backend),
    GetPolicy: getPolicy(backend),
    GetPolicyVersion: getPolicyVersion(backend),
    GetRole: getRole(backend),
    GetRolePolicy: getRolePolicy(backend),
    GetUser: getUser(backend),
    ListAccessKeys: listAccessKeys(backend),
    ListAttachedRolePolicies: listAttachedRolePolicies(backend),
    ListInstanceProfilesForRole: listInstanceProfilesForRole(backend),
    ListPolicyVersions: listPolicyVersions(backend),
    ListRolePolicies: listRolePolicies(backend),
    ListRoleTags: listRoleTags(backend),
    ListRoles: listRoles(backend),
    PutRolePolicy: putRolePolicy(backend),
    TagRole: tagRole(backend),
    UntagRole: untagRole(backend),
    UpdateAssumeRolePolicy: updateAssumeRolePolicy(backend),
    UpdateRole: updateRole(backend),
  });
}
