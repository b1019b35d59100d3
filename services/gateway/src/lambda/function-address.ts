import { AwsError } from '@lambent/aws-api';
import { formatFunctionArn, parseFunctionIdentifier } from '@lambent/core';
import { LATEST } from '@lambent/functions';
import { functionNotFound } from './refusals.ts';

interface Home {
  readonly accountId: string;
  readonly region: string;
}

/** Which function, and which of its versions, a request is about: AWS's four ways of naming one, made one. */
export class FunctionAddress {
  readonly name: string;
  readonly qualifier: string | undefined;
  readonly #home: Home;

  private constructor(home: Home, name: string, qualifier: string | undefined) {
    this.#home = home;
    this.name = name;
    this.qualifier = qualifier;
  }

  /** `text` is what stood in the path; `qualifier`, in the query. */
  static of(home: Home, text: string | undefined, qualifier?: string): FunctionAddress {
    const identifier = parseFunctionIdentifier(text ?? '');
    if (typeof identifier === 'string') throw unparsable(text ?? '', identifier);
    const { name, region = home.region, accountId = home.accountId } = identifier;
    if (region !== home.region)
      throw new AwsError(
        'ResourceNotFoundException',
        `Functions from '${region}' are not reachable in this region ('${home.region}')`,
      );
    if (accountId !== home.accountId) throw new AwsError('AccessDeniedException', null);
    if (qualifier !== undefined && identifier.qualifier !== undefined && qualifier !== identifier.qualifier)
      throw new AwsError(
        'InvalidParameterValueException',
        'The derived qualifier from the function name does not match the specified qualifier.',
      );
    return new FunctionAddress(home, name, qualifier ?? identifier.qualifier);
  }

  /** For operations on the function itself: no alias and no published version may be named. */
  static ofFunction(home: Home, text: string | undefined): FunctionAddress {
    const address = FunctionAddress.of(home, text);
    if (address.qualifier === undefined || address.qualifier === LATEST) return address;
    throw new AwsError(
      'InvalidParameterValueException',
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
    );
  }

  /** Of the function, without a qualifier. */
  get functionArn(): string {
    return formatFunctionArn({ ...this.#home, name: this.name });
  }

  /** As the caller addressed it. */
  get arn(): string {
    return formatFunctionArn({ ...this.#home, name: this.name, qualifier: this.qualifier });
  }

  /** Of one of the function's versions or aliases. */
  qualified(qualifier: string): string {
    return formatFunctionArn({ ...this.#home, name: this.name, qualifier });
  }

  notFound(): AwsError {
    return functionNotFound(this.arn);
  }
}

function unparsable(text: string, problem: 'malformed' | 'name-too-long'): AwsError {
  const value = `1 validation error detected: Value '${text}' at 'functionName' failed to satisfy constraint:`;
  return problem === 'name-too-long'
    ? new AwsError(
        'InvalidParameterValueException',
        `${value} Member must have length less than or equal to 64`,
      )
    : new AwsError(
        'ValidationException',
        `${value} Member must satisfy regular expression pattern: ${PATTERN}`,
      );
}

/** As AWS writes it. */
const PATTERN =
  '(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?';
