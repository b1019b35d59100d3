import { type EnvironmentSpec, LogFormat } from '@lambent/contracts';
import type { Clock, Random } from '@lambent/core';
import type { FunctionLogs, LogStream } from '@lambent/function-logs';
import { LogTail } from './log-tail.ts';
import { jsonLine, type PlatformEvent, textLine } from './platform-event.ts';

/** One environment's log stream: what the function prints and what Lambda says about it, in one order. */
export class EnvironmentLog {
  /** As AWS names it: `YYYY/MM/DD/[version]32 hexadecimal digits`. */
  readonly streamName: string;
  readonly #stream: LogStream;
  readonly #clock: Clock;
  readonly #json: boolean;
  readonly #systemLevel: string;
  #tail: LogTail | undefined;

  constructor(options: { logs: FunctionLogs; spec: EnvironmentSpec; clock: Clock; random: Random }) {
    const { spec, clock } = options;
    const day = new Date(clock.nowMs()).toISOString().slice(0, 10).replaceAll('-', '/');
    this.streamName = `${day}/[${spec.key?.version}]${Buffer.from(options.random.bytes(16)).toString('hex')}`;
    const group = spec.log?.group ?? `/aws/lambda/${spec.functionName}`;
    this.#stream = options.logs.openStream({ group, stream: this.streamName });
    this.#clock = clock;
    this.#json = spec.log?.format === LogFormat.JSON;
    this.#systemLevel = spec.log?.systemLevel ?? '';
  }

  /** One record of the function's own. */
  readonly record = (text: string): void => {
    this.#stream.append(text);
    this.#tail?.push(text);
  };

  platform(event: PlatformEvent): void {
    const nowMs = this.#clock.nowMs();
    const line = this.#json ? jsonLine(event, nowMs, this.#systemLevel) : textLine(event, nowMs);
    if (line !== undefined) this.record(line);
  }

  /** From here on the end of the log is kept, until it is taken. */
  keepTail(): void {
    this.#tail = new LogTail();
  }

  takeTail(): Uint8Array {
    const bytes = this.#tail?.bytes() ?? NO_BYTES;
    this.#tail = undefined;
    return bytes;
  }
}

const NO_BYTES = new Uint8Array();
