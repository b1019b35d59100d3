import { readFile } from 'node:fs/promises';
import { create } from '@bufbuild/protobuf';
import { Client, credentials } from '@grpc/grpc-js';
import { InvocationService, InvokeRequestSchema, type InvokeResponse } from '@lambent/contracts';
import { grpcService } from '@lambent/link';
import type { CertificateFiles } from './cluster-certificates.ts';
import { WrongAnswer } from './http-door.ts';
import type { PrivateHost } from './private-network.ts';
import type { Door } from './steady-load.ts';

const PORT = 9_090;
const PATIENCE_MS = 40_000;
const { path, requestSerialize, responseDeserialize } = grpcService(InvocationService).invoke;

export interface GrpcDoorOptions {
  readonly gateway: PrivateHost;
  readonly certificate: CertificateFiles;
  readonly functionName: string;
  readonly holdMs: number;
}

/** Invoking over gRPC, as somebody would with a client made from the protos. */
export class GrpcDoor implements Door, Disposable {
  readonly name: string;
  readonly gateway: string;
  readonly kind = 'sync';
  readonly #client: Client;
  readonly #options: GrpcDoorOptions;

  private constructor(options: GrpcDoorOptions, client: Client) {
    this.gateway = options.gateway.name;
    this.name = `grpc-${this.gateway}`;
    this.#options = options;
    this.#client = client;
  }

  static async open(options: GrpcDoorOptions): Promise<GrpcDoor> {
    const { ca, key, cert } = options.certificate;
    const shown = credentials.createSsl(await readFile(ca), await readFile(key), await readFile(cert));
    const client = new Client(`${options.gateway.address}:${PORT}`, shown, {
      // What was tried once was tried once.
      'grpc.enable_retries': 0,
      'grpc.initial_reconnect_backoff_ms': 250,
      'grpc.max_reconnect_backoff_ms': 1_000,
    });
    return new GrpcDoor(options, client);
  }

  async send(key: string): Promise<void> {
    const { functionName, holdMs } = this.#options;
    const payload = Buffer.from(JSON.stringify({ key, holdMs }));
    const request = create(InvokeRequestSchema, { functionName, payload });
    const { functionError, payload: answer } = await new Promise<InvokeResponse>((resolve, reject) => {
      const deadline = Date.now() + PATIENCE_MS;
      this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        { deadline },
        (error, response) => (response ? resolve(response) : reject(error)),
      );
    });
    const body = Buffer.from(answer).toString();
    if (functionError !== '' || JSON.parse(body) !== key) throw new WrongAnswer(body);
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
