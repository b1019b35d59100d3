/**
 * An error as a client of AWS sees it. The name is the exception's; the service's own schemas (or, for what every
 * service may answer, common-errors.ts) give its status and how its members are written.
 */
export class AwsError extends Error {
  override readonly name: string;
  /** What goes on the wire: some of AWS's refusals carry `null`, which `message` of an Error cannot. */
  readonly wireMessage: string | null;
  /** Further members of the exception, such as `Reason`; those its schema binds to a header become one. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    name: string,
    message: string | null,
    options: { fields?: Record<string, unknown>; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(message ?? name, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = name;
    this.wireMessage = message;
    this.fields = options.fields ?? {};
    this.headers = options.headers ?? {};
  }
}
