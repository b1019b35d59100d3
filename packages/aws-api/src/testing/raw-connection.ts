import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that says what no HTTP client would. */
export class RawConnection implements AsyncDisposable {
  /** Settles when the other end has closed. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    // A reset is one of the ways in which the other end may close.
    socket.on('error', () => {});
    socket.on('data', chunk => {
      this.#received += chunk.toString('latin1');
    });
    this.closed = new Promise(resolve => socket.once('close', () => resolve()));
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  get received(): string {
    return this.#received;
  }

  write(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** What has been received once a whole answer with a Content-Length is among it, or the end of the connection. */
  async answer(): Promise<string> {
    await this.until(hasWholeAnswer);
    return this.#received;
  }

  /** Waits for what has been received to be so, or for the end of the connection. */
  async until(holds: (received: string) => boolean): Promise<void> {
    while (!holds(this.#received)) {
      const more = new Promise(resolve => this.#socket.once('data', () => resolve(true)));
      if (!(await Promise.race([more, this.closed]))) return;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}

function hasWholeAnswer(received: string): boolean {
  const end = received.indexOf('\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(received.slice(0, end + 2))?.[1];
  return end >= 0 && received.length >= end + 4 + Number(length ?? Number.POSITIVE_INFINITY);
}
