import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import type { IamBackend } from './iam-backend.ts';
import { findShownPolicy } from './shown-policy.ts';

export function getPolicy(backend: IamBackend): Handler<IamInput<'GetPolicy'>, IamOutput<'GetPolicy'>> {
  return async input => {
    const { PolicyArn: arn = '' } = input;
    const Policy = await findShownPolicy(backend, arn);
    if (!Policy) throw new AwsError('NoSuchEntityException', `Policy ${arn} was not found.`);
    return { Policy };
  };
}
