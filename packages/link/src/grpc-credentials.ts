import { connect, type Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';
import type { TlsMaterial } from '@lambent/core';
import { hostAndPort } from './host-and-port.ts';

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/**
 * The credentials of one channel, which can also end its connections at once.
 *
 * grpc-js lets go of a connection only when it is established: a peer that never answers a SYN costs a socket for
 * two minutes, one that is frozen before its TLS handshake costs one for good, and each attempt to reach it another.
 * So an attempt begins with a connection that is ours to give up (the knock), and the real one is held on to.
 */
export class GrpcCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #sockets = new Set<Socket>();

  constructor(inner: ChannelCredentials) {
    super();
    this.#inner = inner;
  }

  /** Whatever is under way on them is lost. */
  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  override _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    ...target: Parameters<ChannelCredentials['_createSecureConnector']>
  ): Connector {
    const inner = this.#inner._createSecureConnector(...target);
    return {
      waitForReady: () => this.#knock(target[0].path),
      connect: socket => {
        this.#hold(socket);
        return inner.connect(socket);
      },
      getCallCredentials: () => inner.getCallCredentials(),
      destroy: () => inner.destroy(),
    };
  }

  #knock(address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect(hostAndPort(address));
      this.#hold(socket);
      socket.once('connect', () => {
        resolve();
        socket.destroy();
      });
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('given up')));
    });
  }

  #hold(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Whoever uses the connection is told by its calls.
    socket.on('error', () => undefined);
  }
}

/** Both sides show a certificate of the cluster's authority, or neither does: for each channel the one there is now. */
export function channelCredentials(tls: TlsMaterial | undefined): () => ChannelCredentials {
  let shown: string | undefined;
  let made = ChannelCredentials.createInsecure();
  return () => {
    if (!tls || tls.certificate === shown) return made;
    shown = tls.certificate;
    const [ca, key, certificate] = [tls.ca, tls.privateKey, tls.certificate].map(pem => Buffer.from(pem));
    made = ChannelCredentials.createSsl(ca, key, certificate);
    return made;
  };
}
