import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { type CallOptions, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import {
  InvocationService,
  InvokeRequestSchema,
  type InvokeResponse,
  InvokeWithResponseStreamRequestSchema,
} from '@lambent/contracts';
import { grpcService } from '@lambent/link';

const METHODS = grpcService(InvocationService);

/** What came back, whichever way it ended. */
export interface Reply {
  readonly response: InvokeResponse | undefined;
  readonly error: ServiceError | undefined;
  /** That came before the response. */
  readonly metadata: Metadata;
}

/** A client as somebody would make one from the protos, for tests. */
export function openInvocationClient(address: string, proof = credentials.createInsecure()) {
  const client = new Client(address, proof, {
    'grpc.enable_retries': 0,
    // Clients take 4 MB unless they say otherwise; functions may answer more.
    'grpc.max_receive_message_length': -1,
  });
  const { path, requestSerialize, responseDeserialize } = METHODS.invoke;
  const start = (
    request: MessageInitShape<typeof InvokeRequestSchema>,
    options: CallOptions & { headers?: Record<string, string> } = {},
  ) => {
    const replied = Promise.withResolvers<Reply>();
    let metadata = new Metadata();
    const sent = Metadata.fromHttp2Headers(options.headers ?? {});
    const message = create(InvokeRequestSchema, { functionName: 'f', ...request });
    const call = client
      .makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        message,
        sent,
        options,
        (error, response) => replied.resolve({ response, error: error ?? undefined, metadata }),
      )
      .on('metadata', received => {
        metadata = received;
      });
    return { replied: replied.promise, cancel: () => call.cancel() };
  };
  return {
    start,
    invoke: (...[request, options]: Parameters<typeof start>) => start(request, options).replied,
    stream(request: MessageInitShape<typeof InvokeWithResponseStreamRequestSchema>) {
      const method = METHODS.invokeWithResponseStream;
      return client.makeServerStreamRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        create(InvokeWithResponseStreamRequestSchema, { functionName: 'f', ...request }),
      );
    },
    [Symbol.dispose]: () => client.close(),
  };
}
