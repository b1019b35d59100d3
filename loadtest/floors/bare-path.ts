import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  credentials,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { FrameReader, frame } from './bare-frame.ts';

/**
 * The floor below an invocation: HTTP gateway → one open gRPC stream → worker → framed socket pair → a process with
 * a trivial handler → back. Three processes and nothing else: no checks, no limits, no logs, no isolation.
 */
const SERVICE: ServiceDefinition = {
  connect: {
    path: '/floor.Path/Connect',
    requestStream: true,
    responseStream: true,
    requestSerialize: (message: Buffer) => message,
    requestDeserialize: (message: Buffer) => message,
    responseSerialize: (message: Buffer) => message,
    responseDeserialize: (message: Buffer) => message,
  },
};
const CHANNEL_OPTIONS = { 'grpc.enable_channelz': 0, 'grpc.max_receive_message_length': 16 * 1024 * 1024 };

const ROLES: Readonly<Record<string, () => Promise<void>>> = { gateway, worker, function: runFunction };
const role = ROLES[process.argv[2] ?? ''];
if (role) await role();
else await everything();
process.once('disconnect', () => process.exit());

/** Starts the other two; prints the gateway's port. */
async function everything(): Promise<void> {
  const worker = fork(import.meta.filename, ['worker']);
  const [address] = await once(worker, 'message');
  const gateway = fork(import.meta.filename, ['gateway', String(address)]);
  const [port] = await once(gateway, 'message');
  process.stdout.write(`${String(port)}\n`);
}

async function gateway(): Promise<void> {
  const Client = makeGenericClientConstructor(SERVICE, 'Path');
  const client = new Client(process.argv[3] ?? '', credentials.createInsecure(), CHANNEL_OPTIONS);
  const stream: Duplex = (client as unknown as { connect(): Duplex }).connect();
  const waiting = new Map<number, (answer: Buffer) => void>();
  let last = 0;
  stream.on('data', (message: Buffer) => {
    const id = message.readUInt32LE(0);
    waiting.get(id)?.(message.subarray(4));
    waiting.delete(id);
  });
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      last = (last + 1) >>> 0;
      const id = last;
      const head = Buffer.allocUnsafe(4);
      head.writeUInt32LE(id);
      waiting.set(id, answer => response.end(answer));
      stream.write(Buffer.concat([head, ...chunks]));
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

/** Sends each message to an idle process, starting another when none is. */
async function worker(): Promise<void> {
  const idle: BareProcess[] = [];
  const queue: { message: Buffer; stream: ServerDuplexStream<Buffer, Buffer> }[] = [];
  const run = (bare: BareProcess) => {
    const next = queue.shift();
    if (!next) return void idle.push(bare);
    bare.run(next.message.subarray(4), answer => {
      next.stream.write(Buffer.concat([next.message.subarray(0, 4), answer]));
      run(bare);
    });
  };
  let processes = 0;
  const server = new Server(CHANNEL_OPTIONS);
  server.addService(SERVICE, {
    connect: (stream: ServerDuplexStream<Buffer, Buffer>) => {
      stream.on('data', (message: Buffer) => {
        queue.push({ message: Buffer.from(message), stream });
        const bare = idle.pop() ?? (processes++ < PROCESSES_MAX ? new BareProcess() : undefined);
        if (bare) run(bare);
      });
      stream.on('error', () => undefined);
    },
  });
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, port) =>
    process.send?.(`127.0.0.1:${port}`),
  );
}

class BareProcess {
  readonly #channel: Duplex;
  #answered: ((answer: Buffer) => void) | undefined;

  constructor() {
    const child = fork(import.meta.filename, ['function'], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    this.#channel = child.stdio[4] as unknown as Duplex;
    const reader = new FrameReader(answer => this.#answered?.(answer));
    this.#channel.on('data', (chunk: Buffer) => reader.push(chunk));
  }

  run(event: Buffer, answered: (answer: Buffer) => void): void {
    this.#answered = answered;
    this.#channel.write(frame(event));
  }
}

async function runFunction(): Promise<void> {
  const channel = new Socket({ fd: 4, readable: true, writable: true });
  const handler = async (event: unknown) => event;
  const run = async (message: Buffer) => {
    const result = await handler(JSON.parse(message.toString()));
    channel.write(frame(Buffer.from(JSON.stringify(result))));
  };
  const reader = new FrameReader(message => void run(message));
  channel.on('data', (chunk: Buffer) => reader.push(chunk));
}

/** Enough to keep two cores busy with a trivial handler; more only makes the floor slower. */
const PROCESSES_MAX = 4;
