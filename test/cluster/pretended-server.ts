import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';

/** Something on loopback that is not what a member looks for there. */
export interface PretendedServer extends AsyncDisposable {
  /** `host:port`. */
  readonly address: string;
}

/** What every web server would say. */
export async function pretendHttp(): Promise<PretendedServer> {
  return serve(createHttpServer((_request, response) => response.end('hello')));
}

/** A NATS server as far as a client hears of it before it trusts. */
export async function pretendNats(info: object): Promise<PretendedServer> {
  const hello = {
    server_id: 'x',
    version: '2.10.27',
    headers: true,
    jetstream: true,
    max_payload: 8_388_608,
  };
  return serve(
    createServer(socket => {
      socket.write(`INFO ${JSON.stringify({ ...hello, ...info })}\r\n`);
      socket.on('data', data => data.includes('PING') && socket.write('PONG\r\n'));
      socket.on('error', () => {});
    }),
  );
}

/** An etcd of that version, which is all that it says of itself. */
export async function pretendEtcd(version: string): Promise<PretendedServer> {
  const server = new Server();
  const bytes = (whole: Buffer) => whole;
  const status = {
    path: '/etcdserverpb.Maintenance/Status',
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
  // Field 2 of a StatusResponse.
  const answer = Buffer.concat([Buffer.of(0x12, version.length), Buffer.from(version)]);
  server.addService(
    { status },
    { status: (_call: unknown, done: (e: null, b: Buffer) => void) => done(null, answer) },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { address: `127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

async function serve(server: NetServer): Promise<PretendedServer> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve())),
  };
}
