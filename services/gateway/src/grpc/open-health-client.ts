import { type ClientReadableStream, credentials, makeGenericClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';

interface Answer {
  readonly status: string;
}

/** A client of grpc.health.v1, for tests. */
export function openHealthClient(address: string) {
  const Client = makeGenericClientConstructor(service, 'Health');
  const client = new Client(address, credentials.createInsecure());
  const method = (name: string) => client[name] as (...args: unknown[]) => unknown;
  return {
    check: (asked: string) =>
      new Promise<string>((resolve, reject) => {
        const answered = (error: Error | null, answer: Answer) =>
          error ? reject(error) : resolve(answer.status);
        method('check').call(client, { service: asked }, answered);
      }),
    watch: (asked: string) =>
      method('watch').call(client, { service: asked }) as ClientReadableStream<Answer>,
    [Symbol.dispose]: () => client.close(),
  };
}
