import type { IamOutput } from '@lambent/aws-api';
import { awsPolicy, type ManagedPolicy, policyArn } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { shownTags } from './refusals.ts';

type ShownPolicy = NonNullable<IamOutput<'GetPolicy'>['Policy']>;

/** One of ours; a list shows neither its tags nor its description. */
export function shownPolicy(
  policy: ManagedPolicy,
  { accountId, attached }: { readonly accountId: string; readonly attached: number },
): ShownPolicy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.policyId,
    Arn: policyArn(policy, accountId),
    Path: policy.path,
    DefaultVersionId: `v${policy.defaultVersion}`,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    ...(policy.description !== undefined && { Description: policy.description }),
    CreateDate: new Date(policy.createdMs),
    UpdateDate: new Date(policy.changedMs),
    Tags: shownTags(policy.tags),
  };
}

/** One of ours or of AWS's own; undefined for none. */
export async function findShownPolicy(
  { identities, accountId }: IamBackend,
  arn: string,
): Promise<ShownPolicy | undefined> {
  const own = awsPolicy(arn);
  if (own)
    return { PolicyName: own.name, Arn: arn, Path: own.path, DefaultVersionId: 'v1', IsAttachable: true };
  const policy = await identities.policies.read(arn);
  if (!policy) return undefined;
  return shownPolicy(policy, { accountId, attached: (await identities.attachments(arn)).count });
}
