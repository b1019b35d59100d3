import type { AwsError } from '@lambent/aws-api';
import { QUOTAS } from '@lambent/core';
import type { Division } from '@lambent/membership';
import { invalidParameter } from './refusals.ts';

/** The division with so much reserved for the function, or AWS's refusal. */
export function reserved(division: Division, functionId: string, slots: number): Division | AwsError {
  const provisioned = division.provisionedOf(functionId);
  if (slots < provisioned)
    return invalidParameter(
      // The blanks are AWS's.
      ` ReservedConcurrentExecutions  ${slots} should not be lower than function's total provisioned concurrency [${provisioned}].`,
    );
  const after = division.reserve(functionId, slots);
  return leavesTooFew(division, after)
    ? invalidParameter(tooFewLeft('ReservedConcurrentExecutions', division))
    : after;
}

/** The division with so much provisioned for the version, or AWS's refusal. */
export function provisioned(
  division: Division,
  { functionId, version, slots }: { functionId: string; version: string; slots: number },
): Division | AwsError {
  const others = division.unprovision(functionId, version);
  const reservation = division.reservedOf(functionId);
  if (reservation !== undefined && others.provisionedOf(functionId) + slots > reservation)
    return invalidParameter(
      'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
    );
  if (slots > division.concurrency)
    return invalidParameter(
      `Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [${others.unreserved}].`,
    );
  const after = division.provision(functionId, version, slots);
  return leavesTooFew(division, after)
    ? invalidParameter(tooFewLeft('ConcurrentExecutions', division))
    : after;
}

/** Who gives some back is not refused, although the account may have become too small meanwhile. */
function leavesTooFew(before: Division, after: Division): boolean {
  return after.unreserved < before.unreserved && after.unreserved < leastUnreserved(before);
}

/** As on AWS, of an account with less than that it is all. */
function leastUnreserved({ concurrency }: Division): number {
  return Math.min(QUOTAS.unreservedConcurrency, concurrency);
}

function tooFewLeft(what: string, division: Division): string {
  return `Specified ${what} for function decreases account's UnreservedConcurrentExecution below its minimum value of [${leastUnreserved(division)}].`;
}
