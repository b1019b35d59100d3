import { type DescService, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { ReflectionService } from '@grpc/reflection';
import { service as health } from 'grpc-health-check';

type Definitions = ConstructorParameters<typeof ReflectionService>[0];

/** Reflection, v1 and v1alpha, of `service` and of the health service beside it. */
export function reflectionOf(service: DescService): ReflectionService {
  const definitions: Definitions = {
    [service.typeName]: {
      format: 'Protocol Buffer 3 DescriptorProto',
      type: {},
      fileDescriptorProtos: [Buffer.from(toBinary(FileDescriptorProtoSchema, service.file.proto))],
    },
  };
  // Each of its messages knows the file it is from.
  for (const { requestType } of Object.values(health))
    if ('fileDescriptorProtos' in requestType) definitions['grpc.health.v1.Health'] = requestType;
  return new ReflectionService(definitions);
}
