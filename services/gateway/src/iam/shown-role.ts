import type { IamOutput } from '@lambent/aws-api';
import { type Role, roleArn } from '@lambent/identity';
import { shownTags } from './refusals.ts';

type ShownRole = NonNullable<IamOutput<'GetRole'>['Role']>;

/** A role as lists show it. */
export function listedRole(role: Role, accountId: string): ShownRole {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.roleId,
    Arn: roleArn(role, accountId),
    CreateDate: new Date(role.createdMs),
    // Documents are percent-encoded on the wire, and most clients decode them.
    AssumeRolePolicyDocument: encodeURIComponent(role.trust),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

/** As it is shown by itself. */
export function shownRole(role: Role, accountId: string): ShownRole {
  const { permissionsBoundary: arn, tags } = role;
  return {
    ...listedRole(role, accountId),
    ...(arn !== undefined && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: arn,
      },
    }),
    ...(Object.keys(tags).length > 0 && { Tags: shownTags(tags) }),
    RoleLastUsed: {},
  };
}
