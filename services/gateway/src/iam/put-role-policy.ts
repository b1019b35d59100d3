import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { changeRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';
import { checkDocument } from './refusals.ts';

/** AWS's quota for all inline policies of one role together. */
const INLINE_BYTES_MAX = 10_240;

export function putRolePolicy(
  backend: IamBackend,
): Handler<IamInput<'PutRolePolicy'>, IamOutput<'PutRolePolicy'>> {
  return async input => {
    const { RoleName: name = '', PolicyName: policy = '', PolicyDocument: document = '' } = input;
    checkDocument(document, 'identity');
    await changeRole(backend, name, role => {
      const inline = { ...role.inline, [policy]: document };
      // Blanks are not counted.
      const bytes = Object.values(inline).reduce((sum, text) => sum + text.replaceAll(/\s/g, '').length, 0);
      if (bytes > INLINE_BYTES_MAX)
        throw new AwsError(
          'LimitExceededException',
          `Maximum policy size of ${INLINE_BYTES_MAX} bytes exceeded for role ${name}`,
        );
      return { role: { ...role, inline } };
    });
    return {};
  };
}
