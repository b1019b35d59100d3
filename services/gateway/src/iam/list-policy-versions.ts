import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { awsPolicy } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { pageOf } from './page.ts';

export function listPolicyVersions(
  backend: IamBackend,
): Handler<IamInput<'ListPolicyVersions'>, IamOutput<'ListPolicyVersions'>> {
  return async input => {
    const { PolicyArn: arn = '' } = input;
    const policy = await backend.identities.policies.read(arn);
    if (!policy && !awsPolicy(arn))
      throw new AwsError('NoSuchEntityException', `Policy ${arn} was not found.`);
    const versions = policy
      ? policy.versions.map(({ number, createdMs }) => ({
          VersionId: `v${number}`,
          IsDefaultVersion: number === policy.defaultVersion,
          CreateDate: new Date(createdMs),
        }))
      : [{ VersionId: 'v1', IsDefaultVersion: true }];
    const { items: Versions, ...page } = pageOf(input, versions, ({ VersionId }) => VersionId);
    return { Versions, ...page };
  };
}
