import type { StsHandlers } from '@lambent/aws-api';
import { getCallerIdentity } from './get-caller-identity.ts';

export function stsHandlers(): StsHandlers {
  return { GetCallerIdentity: getCallerIdentity() };
}
