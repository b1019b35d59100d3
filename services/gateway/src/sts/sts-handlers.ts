import type { StsHandlers } from '@lambent/aws-api';
import type { IamBackend } from '../iam/iam-backend.ts';
import { translated } from '../iam/translated.ts';
import { assumeRole } from './assume-role.ts';
import { getCallerIdentity } from './get-caller-identity.ts';
import { getSessionToken } from './get-session-token.ts';

export function stsHandlers(backend: IamBackend): StsHandlers {
  return translated({
    AssumeRole: assumeRole(backend),
    GetCallerIdentity: getCallerIdentity(backend),
    GetSessionToken: getSessionToken(backend),
  });
}
