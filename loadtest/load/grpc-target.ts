import { create } from '@bufbuild/protobuf';
import { type ChannelCredentials, Client, credentials, Metadata, status } from '@grpc/grpc-js';
import {
  InvocationService,
  InvocationType,
  type InvokeRequest,
  InvokeRequestSchema,
} from '@lambent/contracts';
import type { Clock } from '@lambent/core';
import { grpcService } from '@lambent/link';
import { errorTypeOf } from './http-target.ts';
import type { Judge, Outcome } from './outcome.ts';
import type { FunctionTargetOptions, Target } from './target.ts';

export interface GrpcTargetOptions extends FunctionTargetOptions {
  /** `HOST:PORT`. */
  readonly address: string;
  readonly credentials?: ChannelCredentials | undefined;
  readonly clock: Clock;
}

const { path, requestSerialize, responseDeserialize } = grpcService(InvocationService).invoke;

/** Invoking over gRPC, with a client as anybody would make one from the protos: one connection for all calls. */
export class GrpcTarget implements Target {
  readonly name: string;
  readonly cpuUs: Target['cpuUs'];
  readonly #client: Client;
  readonly #requests: readonly InvokeRequest[];
  readonly #judge: Judge;
  readonly #patienceMs: number;
  readonly #clock: Clock;

  constructor(options: GrpcTargetOptions) {
    this.name = options.name;
    this.cpuUs = options.cpuUs;
    this.#judge = options.judge;
    this.#patienceMs = options.patienceMs;
    this.#clock = options.clock;
    const { event: payload, logTail = false, asynchronous = false } = options;
    const invocationType = asynchronous ? InvocationType.EVENT : InvocationType.REQUEST_RESPONSE;
    this.#requests = options.functionNames.map(functionName =>
      create(InvokeRequestSchema, { functionName, payload, logTail, invocationType }),
    );
    this.#client = new Client(options.address, options.credentials ?? credentials.createInsecure(), {
      // What was called once was called once.
      'grpc.enable_retries': 0,
      'grpc.max_receive_message_length': -1,
    });
  }

  call(copy: number): Promise<Outcome> {
    const request = this.#requests[copy % this.#requests.length] as InvokeRequest;
    const deadline = this.#clock.nowMs() + this.#patienceMs;
    return new Promise(resolve => {
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        new Metadata(),
        { deadline },
        (error, response) => {
          if (!response) return resolve(outcomeOf(error));
          const { payload, functionError, logTail } = response;
          if (functionError !== '')
            return resolve({ kind: 'failed', error: errorTypeOf(payload) ?? functionError });
          resolve(this.#judge({ payload, logTail: Buffer.from(logTail).toString() }));
        },
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
  }
}

function outcomeOf(error: { code: status; metadata: Metadata } | null): Outcome {
  if (error?.code === status.RESOURCE_EXHAUSTED) return { kind: 'throttled' };
  const [type] = error?.metadata.get('lambent-error-type') ?? [];
  return { kind: 'error', error: type?.toString() ?? status[error?.code ?? status.UNKNOWN] };
}
