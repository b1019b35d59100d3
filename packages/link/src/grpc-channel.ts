import { type ChannelCredentials, Client, connectivityState } from '@grpc/grpc-js';
import { GrpcCredentials } from './grpc-credentials.ts';
import { CHANNEL_OPTIONS } from './grpc-options.ts';

/** One connection to one peer, made at the first call. */
export class GrpcChannel {
  readonly client: Client;
  readonly #credentials: GrpcCredentials;

  constructor(address: string, credentials: ChannelCredentials) {
    this.#credentials = new GrpcCredentials(credentials);
    this.client = new Client(address, this.#credentials, CHANNEL_OPTIONS);
  }

  /** Whether the connection stands. */
  get ready(): boolean {
    return this.client.getChannel().getConnectivityState(false) === connectivityState.READY;
  }

  /** Ends the connection once its calls have ended. */
  close(): void {
    this.client.close();
  }

  /** Ends the connection and all calls on it, now. */
  hangUp(): void {
    this.client.close();
    this.#credentials.hangUp();
  }
}
