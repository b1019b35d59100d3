import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { awsPolicy } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';

export function getPolicyVersion(
  backend: IamBackend,
): Handler<IamInput<'GetPolicyVersion'>, IamOutput<'GetPolicyVersion'>> {
  return async input => {
    const { PolicyArn: arn = '', VersionId = '' } = input;
    const own = awsPolicy(arn);
    const policy = await backend.identities.policies.read(arn);
    const version = policy?.versions.find(({ number }) => VersionId === `v${number}`);
    const document = own && VersionId === 'v1' ? own.document : version?.document;
    if (document === undefined)
      throw new AwsError(
        'NoSuchEntityException',
        `Policy ${arn} version ${VersionId} does not exist or is not attachable.`,
      );
    return {
      PolicyVersion: {
        Document: encodeURIComponent(document),
        VersionId,
        IsDefaultVersion: own !== undefined || version?.number === policy?.defaultVersion,
        ...(version && { CreateDate: new Date(version.createdMs) }),
      },
    };
  };
}
