import {
  type DescMessage,
  type DescService,
  fromBinary,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';

/** A service as grpc-js wants it described, by the names that protobuf-es gives its methods. */
export type GrpcService<Service extends DescService> = {
  readonly [Name in keyof Service['method']]: MethodDefinition<
    MessageShape<Service['method'][Name]['input']>,
    MessageShape<Service['method'][Name]['output']>
  >;
};

/** Lets grpc-js serve and call what protobuf-es generated: it brings the messages, but no way to send them. */
export function grpcService<Service extends DescService>(service: Service): GrpcService<Service> {
  const methods = service.methods.map(method => [
    method.localName,
    {
      path: `/${service.typeName}/${method.name}`,
      requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
      responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
      requestSerialize: encoderOf(method.input),
      requestDeserialize: decoderOf(method.input),
      responseSerialize: encoderOf(method.output),
      responseDeserialize: decoderOf(method.output),
    },
  ]);
  return Object.fromEntries(methods);
}

/** Encodes to a view of what protobuf-es wrote: nothing is copied. */
export function encoderOf<Schema extends DescMessage>(
  schema: Schema,
): (message: MessageShape<Schema>) => Buffer {
  return message => {
    const bytes = toBinary(schema, message);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/** What it decodes keeps views of the bytes it was decoded from. */
export function decoderOf<Schema extends DescMessage>(
  schema: Schema,
): (bytes: Uint8Array) => MessageShape<Schema> {
  return bytes => fromBinary(schema, bytes);
}

/** In place of an encoder where messages are encoded before they are sent, since their size decides how. */
export function alreadyEncoded(bytes: Buffer): Buffer {
  return bytes;
}
