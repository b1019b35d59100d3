import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { createUniqueId, idOf, type Role } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { checkDocument, overQuota, withTags } from './refusals.ts';
import { shownRole } from './shown-role.ts';

/** An hour, as on AWS. */
const SESSION_SECONDS = 3_600;
/** AWS's default quota for the policy of trust. */
const TRUST_LENGTH_MAX = 2_048;

export function createRole(backend: IamBackend): Handler<IamInput<'CreateRole'>, IamOutput<'CreateRole'>> {
  return async input => {
    const { RoleName: name = '', AssumeRolePolicyDocument: trust = '', Path: path = '/' } = input;
    checkDocument(trust, 'trust');
    if (trust.length > TRUST_LENGTH_MAX) throw overQuota('ACLSizePerRole', TRUST_LENGTH_MAX);
    const { accountId, identities, clock, random } = backend;
    const record: Omit<Role, 'writeId'> = {
      schema: 1,
      createdMs: clock.nowMs(),
      name,
      path,
      roleId: createUniqueId('AROA', random),
      trust,
      ...(input.Description !== undefined && { description: input.Description }),
      maxSessionSeconds: input.MaxSessionDuration ?? SESSION_SECONDS,
      ...(input.PermissionsBoundary !== undefined && { permissionsBoundary: input.PermissionsBoundary }),
      tags: withTags({}, input.Tags),
      inline: {},
      attached: [],
    };
    return identities.roles.change(idOf(name), current => {
      if (current)
        throw new AwsError('EntityAlreadyExistsException', `Role with name ${name} already exists.`);
      return { put: record, result: { Role: shownRole({ ...record, writeId: '' }, accountId) } };
    });
  };
}
