import { type AwsError, createLambdaService, type ServedService, ServiceLoader } from '@lambent/aws-api';
import type { Quotas } from '@lambent/core';
import type { Call } from './call.ts';

export type InvokeOperation = 'Invoke' | 'InvokeWithResponseStream';

/** An error as it is written over HTTP, for doors that borrow the form. */
export interface WrittenError {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array;
}

/** What AWS's own server checks and writes of an invocation, for the doors that have none in front of them. */
export class CallRules {
  /** Only its rules are wanted: nothing is handled through it. */
  readonly #loader: ServiceLoader;

  constructor(quotas?: Quotas) {
    this.#loader = new ServiceLoader(createLambdaService({}, quotas));
  }

  /** Throws AWS's refusal of a call that its front door would not let in. */
  async check(operation: InvokeOperation, call: Call): Promise<void> {
    const lambda = await this.#lambda();
    const limit = lambda.bodyLimitOf(operation);
    if ((call.payload?.length ?? 0) > limit.maxBytes) throw limit.refusal();
    lambda.validate(operation, {
      FunctionName: call.functionName,
      Qualifier: call.qualifier,
      InvocationType: call.type,
      TenantId: call.tenantId || undefined,
    });
  }

  async write(error: AwsError): Promise<WrittenError> {
    const lambda = await this.#lambda();
    const { status, body } = lambda.encodeError(error, NO_ID) ?? UNKNOWN;
    return {
      status,
      type: error.name,
      body: body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : ''),
    };
  }

  #lambda(): Promise<ServedService> | ServedService {
    return this.#loader.loaded ?? this.#loader.load();
  }
}

/** An error of Lambda's tells its request's id only in a header, which is not written here. */
const NO_ID = '';
/** An exception that no schema knows would be a slip of ours. */
const UNKNOWN = { status: 500, body: '' };
