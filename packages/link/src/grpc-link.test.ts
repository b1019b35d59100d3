import { SystemClock, SystemRandom, type TlsMaterial } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { linkContract } from '@lambent/testing';
import { GrpcLink } from './grpc-link.ts';

linkContract('gRPC link', async () => pair());

function pair(tls?: TlsMaterial) {
  const near = linkOf(tls);
  const far = linkOf(tls);
  return {
    near,
    far,
    address: '127.0.0.1:0',
    async [Symbol.asyncDispose]() {
      await Promise.all([near[Symbol.asyncDispose](), far[Symbol.asyncDispose]()]);
    },
  };
}

function linkOf(tls?: TlsMaterial): GrpcLink {
  return new GrpcLink({
    ...(tls && { tls }),
    clock: new SystemClock(),
    random: new SystemRandom(),
    logger: createLogger({ level: 'silent', service: 'test' }),
  });
}
