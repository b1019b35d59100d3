import { AwsError } from './aws-error.ts';
import type { AwsService, BodyLimit, Handler } from './aws-service.ts';
import type { Answer, Binding, Call, RequestHead } from './protocol.ts';
import type { Schemas } from './schemas.ts';
import { compileValidator, type Validate } from './validator.ts';

/** A service with its schemas loaded and everything compiled. */
export class ServedService {
  readonly #service: AwsService;
  readonly #binding: Binding;
  readonly #validators: ReadonlyMap<string, Validate>;
  readonly #limits: ReadonlyMap<string, BodyLimit>;

  constructor(service: AwsService, schemas: Schemas) {
    const { byOperation, otherwise } = service.bodyLimits;
    const names = [...schemas.operations.keys()];
    this.#service = service;
    this.#binding = service.protocol.bind(schemas);
    this.#limits = new Map(names.map(name => [name, byOperation[name] ?? otherwise(name)]));
    this.#validators = new Map(
      Array.from(schemas.operations.values(), ({ name, input }) => [
        name,
        compileValidator(input, service.constraints[name], service.constraintError),
      ]),
    );
  }

  /** How much of a body is read before the operation is known; undefined where the head says which it is. */
  get unknownLimit(): BodyLimit | undefined {
    return this.#binding.operationIn === 'body' ? this.#service.bodyLimits.otherwise('') : undefined;
  }

  match(head: RequestHead, body: Buffer): Call | undefined {
    return this.#binding.match(head, body);
  }

  // biome-ignore lint/suspicious/noExplicitAny: what an operation takes and gives is known to its handler only.
  handlerOf(operation: string): Handler<any, any> | undefined {
    return this.#service.handlers[operation];
  }

  bodyLimitOf(operation: string): BodyLimit {
    return this.#limits.get(operation) as BodyLimit;
  }

  /** Throws AWS's refusal of an input that breaks a constraint. */
  validate(operation: string, input: unknown): void {
    this.#validators.get(operation)?.(input);
  }

  encodeError(error: AwsError, requestId: string): Answer | undefined {
    return this.#binding.encodeError(error, requestId);
  }

  /** What a client learns of a failure of ours. */
  encodeFailure(requestId: string): Answer | undefined {
    const text = 'The service encountered an internal error.';
    return this.#binding.encodeError(new AwsError(this.#binding.failure, text), requestId);
  }
}

/** Loads a service when it is first wanted, once; a failure is not remembered. */
export class ServiceLoader {
  readonly #service: AwsService;
  #loading: Promise<ServedService> | undefined;
  #loaded: ServedService | undefined;

  constructor(service: AwsService) {
    this.#service = service;
  }

  get loaded(): ServedService | undefined {
    return this.#loaded;
  }

  load(): Promise<ServedService> {
    this.#loading ??= this.#open().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #open(): Promise<ServedService> {
    this.#loaded ??= new ServedService(this.#service, await this.#service.load());
    return this.#loaded;
  }
}
