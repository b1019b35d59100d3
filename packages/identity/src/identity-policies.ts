import { type PolicyDocument, parsePolicy } from '@lambent/iam';
import { awsPolicy } from './aws-policies.ts';
import type { Identity } from './identity.ts';
import type { IdentityStore } from './identity-store.ts';
import { defaultDocument } from './managed-policy.ts';

/**
 * What an identity's own policies say. Of a role that was deleted, or made anew, nothing: its sessions may do nothing
 * any more. Users have no policies here.
 */
export async function policiesOf(
  identity: Identity,
  store: IdentityStore,
): Promise<readonly PolicyDocument[]> {
  if (identity.kind !== 'session') return [];
  const role = await store.role(identity.roleName);
  if (role?.roleId !== identity.roleId) return [];
  const attached = await Promise.all(role.attached.map(arn => documentOf(arn, store)));
  return [...Object.values(role.inline), ...attached].flatMap(text => {
    const parsed = text === undefined ? undefined : parsePolicy(text, 'identity');
    return parsed?.kind === 'valid' ? [parsed.document] : [];
  });
}

async function documentOf(arn: string, store: IdentityStore): Promise<string | undefined> {
  const own = awsPolicy(arn);
  if (own) return own.document;
  const policy = await store.policies.read(arn);
  return policy && defaultDocument(policy);
}
