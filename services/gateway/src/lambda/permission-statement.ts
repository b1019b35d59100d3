import type { LambdaInput } from '@lambent/aws-api';
import { invalidParameter } from './refusals.ts';

type Permission = LambdaInput<'AddPermission'>;

/** The statement that a permission is written down as, with its members in AWS's order. */
export function permissionStatement(permission: Permission, resource: string) {
  const { StatementId: Sid, Action } = permission;
  if (permission.FunctionUrlAuthType !== undefined && Action !== 'lambda:InvokeFunctionUrl')
    throw invalidParameter('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action');
  const Condition = conditionOf(permission);
  return {
    Sid,
    Effect: 'Allow',
    Principal: principalOf(permission.Principal ?? ''),
    Action,
    Resource: resource,
    ...(Object.keys(Condition).length > 0 && { Condition }),
  };
}

export function principalOf(given: string): '*' | Readonly<Record<'AWS' | 'Service', string>> | object {
  if (given === '*') return '*';
  if (/^\d{12}$/.test(given)) return { AWS: `arn:aws:iam::${given}:root` };
  if (/^arn:aws[a-z-]*:(iam|sts)::\d{12}:.+$/.test(given)) return { AWS: given };
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com)$/.test(given))
    return { Service: given };
  throw invalidParameter('The provided principal was invalid. Please check the principal and try again.');
}

function conditionOf(permission: Permission) {
  const { SourceArn, SourceAccount, PrincipalOrgID, EventSourceToken, FunctionUrlAuthType } = permission;
  const equals = {
    ...(FunctionUrlAuthType !== undefined && { 'lambda:FunctionUrlAuthType': FunctionUrlAuthType }),
    ...(PrincipalOrgID !== undefined && { 'aws:PrincipalOrgID': PrincipalOrgID }),
    ...(SourceAccount !== undefined && { 'AWS:SourceAccount': SourceAccount }),
    ...(EventSourceToken !== undefined && { 'lambda:EventSourceToken': EventSourceToken }),
  };
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': SourceArn } }),
    ...(permission.InvokedViaFunctionUrl !== undefined && {
      Bool: { 'lambda:InvokedViaFunctionUrl': String(permission.InvokedViaFunctionUrl) },
    }),
  };
}
