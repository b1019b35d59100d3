import type { ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:net';

/** Two short messages are all that is ever said; what comes beyond this is an attack on our memory. */
const BYTES_MAX = 262_144;

/**
 * Our end of a program's Node child channel, over which it hands out what it listens on.
 *
 * The program may be hostile: what its owner puts into LD_PRELOAD or NODE_OPTIONS runs in it before anything of ours
 * does. Node.js trusts a child: a line that is not JSON, a handle of an odd kind or an acknowledgement of nothing end
 * the parent, and a handle that is missing makes it listen on a port of the host. So everything is looked at before
 * Node.js acts on it, and the first thing that does not belong here ends the channel.
 */
export class DoorwayChannel {
  readonly #child: ChildProcess;
  readonly #take: (name: string, server: Server) => void;
  #bytes = 0;

  constructor(child: ChildProcess, take: (name: string, server: Server) => void) {
    this.#child = child;
    this.#take = take;
    this.#guardReading();
    this.#guardMessages();
    // A message without a handle says nothing; and without a listener Node.js would keep it for one that may come.
    child.on('message', () => this.close());
  }

  close(): void {
    if (!this.#child.connected) return;
    this.#child.disconnect();
    // With half a message read, Node.js waits for the rest before it lets the channel go; there shall be none.
    this.#child.emit('message', undefined);
  }

  /** Around the function that parses what has come; Node.js has no public place for it. */
  #guardReading(): void {
    const pipe = pipeOf(this.#child);
    const { onread } = pipe;
    pipe.onread = buffer => {
      this.#bytes += buffer?.byteLength ?? 0;
      try {
        if (this.#bytes <= BYTES_MAX) onread.call(pipe, buffer);
        else this.close();
      } catch {
        this.close();
      }
    };
  }

  /** Instead of the listener that would turn messages with handles into whatever they say. */
  #guardMessages(): void {
    const emit = this.#child.emit.bind(this.#child) as (...event: unknown[]) => boolean;
    this.#child.emit = (...event: unknown[]): boolean => {
      const [name, message, handle] = event;
      if (name !== 'internalMessage') return emit(...event);
      if (isServerMessage(message) && isTcpHandle(handle)) this.#receive(message.msg, handle);
      else this.close();
      return true;
    };
  }

  #receive(name: string, handle: object): void {
    const server = createServer();
    // A socket that does not listen.
    server.once('error', () => this.close());
    server.listen(handle, () => this.#take(name, server));
    // Without this a Node.js program would not hand out a second one. A program that has gone need not hear it.
    this.#child.send({ cmd: 'NODE_HANDLE_ACK' }, () => {});
  }
}

interface ChannelPipe {
  onread(this: ChannelPipe, buffer?: ArrayBuffer): void;
}

function pipeOf(child: ChildProcess): ChannelPipe {
  const symbol = Object.getOwnPropertySymbols(child).find(
    ({ description }) => description === 'kChannelHandle',
  );
  const pipe = symbol && (child as unknown as Record<symbol, ChannelPipe | undefined>)[symbol];
  if (typeof pipe?.onread !== 'function')
    throw new TypeError('this Node.js has another kind of child channel');
  return pipe;
}

interface ServerMessage {
  readonly msg: string;
}

function isServerMessage(message: unknown): message is ServerMessage {
  const { cmd, type, msg } = message as Record<string, unknown>;
  return cmd === 'NODE_HANDLE' && type === 'net.Server' && typeof msg === 'string';
}

function isTcpHandle(handle: unknown): handle is object {
  return typeof handle === 'object' && handle?.constructor.name === 'TCP';
}
