import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import type { IamBackend } from './iam-backend.ts';

export function deletePolicy(
  backend: IamBackend,
): Handler<IamInput<'DeletePolicy'>, IamOutput<'DeletePolicy'>> {
  return async input => {
    const { PolicyArn: arn = '' } = input;
    const { identities } = backend;
    return identities.policies.change(arn, async policy => {
      if (!policy) throw new AwsError('NoSuchEntityException', `Policy ${arn} was not found.`);
      const { count, unchanged } = await identities.attachments(arn);
      if (count > 0)
        throw new AwsError('DeleteConflictException', 'Cannot delete a policy attached to entities.');
      return { remove: true, result: {}, alongside: { compare: [unchanged], write: [] } };
    });
  };
}
