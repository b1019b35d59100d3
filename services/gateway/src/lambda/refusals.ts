import { AwsError } from '@lambent/aws-api';

/** AWS's refusals that more than one operation gives, word for word. */

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message);
}

export function functionNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Function not found: ${arn}`);
}

/** Where an alias is looked up; whoever changes one is told in other words. */
export function aliasNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Cannot find alias arn: ${arn}`);
}

/** Of each version, environments are provisioned under one name only. */
export function alreadyProvisioned(): AwsError {
  return new AwsError(
    'ResourceConflictException',
    "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
  );
}

export function unpublished(): AwsError {
  return invalidParameter(
    'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
  );
}

/** Where a policy is looked up by the ARN of what it is about. */
export function noPolicy(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `No policy found for: ${arn}`);
}

export function updateInProgress(arn: string): AwsError {
  return new AwsError(
    'ResourceConflictException',
    `The operation cannot be performed at this time. An update is in progress for resource: ${arn}`,
  );
}

/** What would have to be one tenant's, or nobody's. */
export function notForTenants(what: string): AwsError {
  return invalidParameter(`${what} is not supported for functions with tenancy configuration.`);
}

/** Throws unless `given`, where there is one, is the revision that is there. */
export function checkRevision(given: string | undefined, current: string): void {
  if (given === undefined || given === current) return;
  throw new AwsError(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
  );
}
