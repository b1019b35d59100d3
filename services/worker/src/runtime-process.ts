import type { EnvironmentSpec } from '@lambent/contracts';
import { type Clock, isFailure, QUOTAS, type Random, type ResponseSink } from '@lambent/core';
import type { UnpackedCode } from '@lambent/function-code';
import {
  ChannelEnded,
  type CompiledFiles,
  type LogSink,
  type Runtime,
  type RuntimeAnswer,
  type RuntimeChannel,
  type RuntimeEvent,
} from '@lambent/runtimes';
import type { DoorwayName, Sandbox, SandboxExit, Sandboxes } from '@lambent/sandbox';
import { AwsEndpoint, type AwsEndpointAddress } from './aws-endpoint.ts';
import type { CompileCache } from './compile-caches.ts';
import type { EnvironmentLog } from './environment-log.ts';
import { environmentVariables } from './environment-variables.ts';
import type { InitializationType } from './initialization-type.ts';
import { COMPILED_ROOT, LAYERS_ROOT, TASK_ROOT } from './inside-places.ts';
import { OutputPipe } from './output-pipe.ts';
import type { PoolWish } from './pool/pools.ts';

/** Opens the channel that a runtime speaks. A port of this service only so that tests need no process. */
export type OpenChannel = (options: {
  runtime: Runtime;
  sandbox: Sandbox;
  logSink: LogSink;
  clock: Clock;
  random: Random;
  snapStart: boolean;
  compiled: CompiledFiles | undefined;
}) => Promise<RuntimeChannel>;

export interface RuntimeProcessOptions {
  readonly spec: EnvironmentSpec;
  readonly runtime: Runtime;
  readonly initializationType: InitializationType;
  readonly code: Pick<UnpackedCode, 'directory' | 'whole'>;
  /** Put together; undefined: it has none. */
  readonly layers?: Pick<UnpackedCode, 'directory' | 'whole'> | undefined;
  readonly compileCache: CompileCache;
  readonly log: EnvironmentLog;
  readonly sandboxes: Sandboxes;
  /** A sandbox that was started ahead, and has all that was wished for; undefined: one has to be started. */
  readonly takeWaiting: (wish: PoolWish) => Promise<Sandbox | undefined>;
  readonly openChannel: OpenChannel;
  readonly awsEndpoint: AwsEndpointAddress | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

/** What waiting for a runtime ends in: what was waited for, the deadline, or its end. */
export type Waited<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'expired' }
  | { readonly kind: 'exit'; readonly exit: SandboxExit };

/**
 * One start of a runtime: a sandbox, the channel to the program in it, its output and its way to the gateway.
 *
 * One thing is waited for at a time (`init`, `restore`, `invoke` or `rested`); `expire` ends that wait, and so does the end of
 * the process. Disposing it kills everything inside and waits until nothing is left.
 */
export class RuntimeProcess implements AsyncDisposable {
  /** Resolves when the tree is gone, or nobody can tell; what it had sent before has been read. */
  readonly gone: Promise<void>;
  readonly #options: RuntimeProcessOptions;
  readonly #sandbox: Sandbox;
  readonly #outputs: readonly OutputPipe[];
  #channel: RuntimeChannel | undefined;
  #endpoint: AwsEndpoint | undefined;
  /** Ends the wait that is going on. */
  #interrupt: ((end: Waited<never>) => void) | undefined;
  #left = false;
  #disposed: Promise<void> | undefined;

  private constructor(options: RuntimeProcessOptions, sandbox: Sandbox) {
    this.#options = options;
    this.#sandbox = sandbox;
    this.#outputs = [sandbox.stdout, sandbox.stderr].map(
      source => new OutputPipe(source, { clock: options.clock, line: options.log.record }),
    );
    this.gone = afterReading(sandbox.exited).then(
      exit => this.#leave({ kind: 'exit', exit }),
      // That it could not be reaped is what disposing it will say.
      () => this.#leave({ kind: 'expired' }),
    );
  }

  /** Resolves with a running process that knows nothing yet; rejects with `environment-failed`. */
  static async start(options: RuntimeProcessOptions): Promise<RuntimeProcess> {
    const { spec, runtime, initializationType, log, awsEndpoint, compileCache, code, layers } = options;
    const environment = environmentVariables({
      spec,
      runtime,
      initializationType,
      logStream: log.streamName,
      awsEndpoint: awsEndpoint !== undefined,
      compileCache,
    });
    const mounts = {
      [TASK_ROOT]: code.directory,
      ...(layers && { [LAYERS_ROOT]: layers.directory }),
      ...(compileCache.kind === 'kept' && { [COMPILED_ROOT]: compileCache.directory }),
    };
    const { memoryMb, ephemeralStorageMb } = spec;
    const whole = Promise.all([code.whole, layers?.whole]).then(() => {});
    // It is waited for below, unless something else has failed before.
    whole.catch(() => {});
    const needs = { mounts, environment, doorways: doorwaysOf(options), memoryMb, ephemeralStorageMb };
    try {
      // What waits has its mounts made while the package is still unpacked into them.
      const waiting = await options.takeWaiting({ ...needs, runtime, whole });
      if (waiting) return new RuntimeProcess(options, waiting);
      await whole;
      const started = await options.sandboxes.start({
        ...needs,
        id: Buffer.from(options.random.bytes(8)).toString('hex'),
        mounts: { ...runtime.mounts, ...mounts },
        command: runtime.command({ memoryMb, environment }),
        processesMax: QUOTAS.processes,
      });
      return new RuntimeProcess(options, started);
    } catch (error) {
      if (compileCache.kind === 'wanted') await compileCache.keep();
      throw error;
    }
  }

  /** Whether `gone` has resolved. */
  get left(): boolean {
    return this.#left;
  }

  /** Highest memory use so far, in whole megabytes. */
  get peakMemoryMb(): number {
    return Math.ceil(this.#sandbox.peakMemoryBytes() / MEGABYTE);
  }

  /** Waits until the runtime asks for its first event, or to be restored. Rejects with an `InitFailure` that the runtime reported. */
  async init(): Promise<Waited<void>> {
    const { spec, compileCache } = this.#options;
    const share = cpuShare(spec.memoryMb);
    // A whole core while it starts, as AWS gives it.
    this.#sandbox.setCpu(Math.max(FULL_CORE, share));
    try {
      const end = await this.#until(this.#open());
      if (end.kind === 'done') this.#sandbox.setCpu(share);
      return end;
    } finally {
      if (compileCache.kind === 'wanted') void compileCache.keep();
    }
  }

  /** Lets a runtime that waits to be restored go on. Rejects with a `RestoreFailure` that it reported. */
  restore(): Promise<Waited<void>> {
    this.#sandbox.thaw();
    return this.#until(this.#ready.restore());
  }

  /** Hands the event over before it returns. Only after `init`, and after the last event rested. */
  invoke(event: RuntimeEvent, sink?: ResponseSink): Promise<Waited<RuntimeAnswer>> {
    this.#sandbox.thaw();
    return this.#until(this.#ready.invoke(event, sink));
  }

  /** Stops it where it is until the next event. Only while it rests. */
  freeze(): void {
    this.#sandbox.freeze();
  }

  rested(): Promise<Waited<void>> {
    return this.#until(this.#ready.rested());
  }

  /** The time of whatever is waited for is up. */
  expire(): void {
    this.#interrupt?.({ kind: 'expired' });
  }

  /** What the pipes hold is read and becomes records, though it lack its last line end. */
  async drainOutput(): Promise<void> {
    await turn();
    for (const output of this.#outputs) output.flush();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  get #ready(): RuntimeChannel {
    if (!this.#channel) throw new TypeError('the runtime is not ready');
    return this.#channel;
  }

  #leave(end: Waited<never>): void {
    this.#left = true;
    this.#interrupt?.(end);
  }

  async #open(): Promise<void> {
    const { runtime, log, awsEndpoint, clock, random, initializationType, compileCache } = this.#options;
    const snapStart = initializationType === 'snap-start';
    const [channel] = await Promise.all([
      this.#options.openChannel({
        runtime,
        sandbox: this.#sandbox,
        logSink: log.record,
        clock,
        random,
        snapStart,
        compiled: compileCache.kind === 'wanted' ? compileCache.files : undefined,
      }),
      awsEndpoint && this.#serveEndpoint(awsEndpoint),
    ]);
    this.#channel = channel;
    this.#sandbox.closeDoorways();
    await channel.ready;
  }

  async #serveEndpoint(address: AwsEndpointAddress): Promise<void> {
    const server = await this.#sandbox.doorway('aws-endpoint');
    this.#endpoint = new AwsEndpoint(server, address);
  }

  #until<T>(work: Promise<T>): Promise<Waited<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Waited<T>>();
    this.#interrupt = resolve;
    work.then(
      value => resolve({ kind: 'done', value }),
      (error: unknown) => {
        if (isEnd(error)) this.#exitSoon().then(exit => resolve({ kind: 'exit', exit }), reject);
        else reject(error);
      },
    );
    return promise;
  }

  /** The channel is gone, so the program is about to be; one that only closed its channel is helped along. */
  async #exitSoon(): Promise<SandboxExit> {
    using _help = this.#options.clock.setTimer(EXIT_GRACE_MS, () => this.#sandbox.kill());
    return await this.#sandbox.exited;
  }

  async #dispose(): Promise<void> {
    this.#sandbox.kill();
    this.#endpoint?.[Symbol.dispose]();
    await this.#sandbox[Symbol.asyncDispose]();
    this.#channel?.[Symbol.dispose]();
    for (const output of this.#outputs) output[Symbol.dispose]();
  }
}

/** Thousandths of a core that go with a memory size: 1,769 MB are one, as on AWS. */
function cpuShare(memoryMb: number): number {
  return Math.ceil((memoryMb * FULL_CORE) / MEMORY_MB_PER_CORE);
}

function doorwaysOf({ runtime, awsEndpoint }: RuntimeProcessOptions): Partial<Record<DoorwayName, number>> {
  return {
    ...(runtime.channel === 'http' ? { 'runtime-api': RUNTIME_API_PORT } : {}),
    ...(awsEndpoint ? { 'aws-endpoint': AWS_ENDPOINT_PORT } : {}),
  };
}

/** Whether this says no more than that the program is gone, or was before its doorways were there. */
function isEnd(error: unknown): boolean {
  return error instanceof ChannelEnded || isFailure(error, 'environment-failed');
}

/** The end of a process overtakes what it wrote last; two turns give that time to be read. */
async function afterReading(exited: Promise<SandboxExit>): Promise<SandboxExit> {
  const exit = await exited;
  await turn();
  await turn();
  return exit;
}

/** One turn of the event loop: what had arrived on other sockets by now has been read. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

const MEGABYTE = 1024 * 1024;
const FULL_CORE = 1_000;
const MEMORY_MB_PER_CORE = 1_769;
/** AWS's own port; functions that read the variable do not care, people who know it by heart do. */
const RUNTIME_API_PORT = 9_001;
const AWS_ENDPOINT_PORT = 9_000;
/** A program's exit status arrives after its sockets close; this is how long it may take. */
const EXIT_GRACE_MS = 200;
