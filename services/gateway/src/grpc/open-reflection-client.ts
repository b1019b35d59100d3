import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type ClientDuplexStream, credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader';

interface Answer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Uint8Array[] };
}

/** A client of gRPC's reflection, as grpcurl is one, for tests. */
export function openReflectionClient(address: string, version: string) {
  const { resolve } = createRequire(import.meta.url);
  const home = dirname(resolve('@grpc/reflection/package.json'));
  const proto = join(home, `build/proto/grpc/reflection/${version}/reflection.proto`);
  const name = `grpc.reflection.${version}.ServerReflection`;
  const service = loadSync(proto)[name] as ServiceDefinition;
  const Client = makeGenericClientConstructor(service, 'ServerReflection');
  const client = new Client(address, credentials.createInsecure());
  return {
    ask(question: object): Promise<Answer> {
      const open = client['serverReflectionInfo'] as () => ClientDuplexStream<object, Answer>;
      const stream = open.call(client);
      return new Promise((resolve, reject) => {
        stream.on('data', resolve).on('error', reject);
        stream.end(question);
      });
    },
    [Symbol.dispose]: () => client.close(),
  };
}
