import { PassThrough } from 'node:stream';
import { fail } from '@lambent/core';
import {
  ChannelEnded,
  InitFailure,
  type LogSink,
  RestoreFailure,
  type Runtime,
  type RuntimeAnswer,
  type RuntimeChannel,
  type RuntimeEvent,
} from '@lambent/runtimes';
import type { Confinement, Equipment, Sandbox, SandboxExit, Sandboxes, SandboxPlan } from '@lambent/sandbox';
import type { OpenChannel } from './runtime-process.ts';

/** What a scripted program does with its init and with each event. */
export interface Script {
  /** Left out: it becomes ready at once. */
  readonly init?: 'hang' | InitFailure | SandboxExit;
  /** Left out: it goes on at once. */
  readonly restore?: 'hang' | RestoreFailure;
  readonly invoke?: (event: RuntimeEvent, program: ScriptedProgram) => RuntimeAnswer | 'hang' | SandboxExit;
  /** Asks for no more after an answer. */
  readonly restless?: boolean;
}

export const RUNTIME: Runtime = {
  identifier: 'nodejs24.x',
  detail: 'Node.js 24.21.0',
  channel: 'frames',
  mounts: { '/var/runtime': '/opt/bootstrap' },
  command: () => ['/var/runtime/bootstrap'],
  variables: { LANG: 'en_US.UTF-8' },
  startVariables: [],
};

/** What a bootstrap says that waits. */
const BOOTED_FRAME = Buffer.from([0, 0, 0, 0, 7]);

/** Sandboxes without a process in them: what runs inside is a script. */
export class ScriptedSandboxes implements Sandboxes {
  readonly confinement: Confinement;
  readonly plans: SandboxPlan[] = [];
  readonly programs: ScriptedProgram[] = [];
  /** The next start fails. */
  broken = false;
  /** Killing waits until this is set and `reap` is called. */
  holdReaping = false;
  swept = 0;
  #script: Script;

  /** `lateMounts`: what is started ahead waits for its function. */
  constructor(script: Script = {}, { lateMounts = false } = {}) {
    this.#script = script;
    this.confinement = { lateMounts: { held: lateMounts, detail: 'scripted' } } as Confinement;
  }

  play(script: Script): void {
    this.#script = script;
  }

  async start(plan: SandboxPlan): Promise<Sandbox> {
    if (this.broken) throw fail('environment-failed', { detail: 'broken for a test' });
    this.plans.push(plan);
    const program = new ScriptedProgram(plan.id, this.#script, this);
    if (plan.lateMounts) program.channel.write(BOOTED_FRAME);
    this.programs.push(program);
    return program;
  }

  async sweep(): Promise<readonly string[]> {
    this.swept += 1;
    return [];
  }

  readonly openChannel: OpenChannel = async ({ sandbox, logSink }) => {
    const program = this.programs.find(one => one.id === sandbox.id);
    if (!program) throw new TypeError('no such program');
    return program.open(logSink);
  };

  async [Symbol.asyncDispose](): Promise<void> {}
}

export class ScriptedProgram implements Sandbox, RuntimeChannel {
  readonly id: string;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly channel = new PassThrough();
  readonly exited: Promise<SandboxExit>;
  readonly cpu: number[] = [];
  readonly events: RuntimeEvent[] = [];
  equipment: Equipment | undefined;
  ready: Promise<void> = Promise.resolve();
  print: LogSink = () => undefined;
  doorwaysClosed = false;
  frozen = false;
  /** How often it was. */
  restored = 0;
  removed = false;
  readonly #script: Script;
  readonly #owner: ScriptedSandboxes;
  readonly #exit = Promise.withResolvers<SandboxExit>();
  readonly #gone = Promise.withResolvers<never>();
  readonly #ready = Promise.withResolvers<void>();
  #rest = Promise.withResolvers<void>();

  constructor(id: string, script: Script, owner: ScriptedSandboxes) {
    this.id = id;
    this.#script = script;
    this.#owner = owner;
    this.exited = this.#exit.promise;
    this.#gone.promise.catch(() => undefined);
  }

  open(logSink: LogSink): RuntimeChannel {
    this.print = logSink;
    const { init } = this.#script;
    if (init instanceof InitFailure) this.ready = Promise.reject(init);
    else if (init === 'hang') this.ready = Promise.race([this.#ready.promise, this.#gone.promise]);
    else if (init) this.ready = this.#leave(init);
    this.ready.catch(() => undefined);
    return this;
  }

  async invoke(event: RuntimeEvent): Promise<RuntimeAnswer> {
    this.events.push(event);
    if (this.frozen) return await this.#gone.promise;
    const answer = this.#script.invoke?.(event, this) ?? { kind: 'response', payload: event.payload };
    if (answer === 'hang') return await this.#gone.promise;
    if (!('kind' in answer)) return await this.#leave(answer);
    this.#rest = Promise.withResolvers<void>();
    if (!this.#script.restless) this.#rest.resolve();
    return answer;
  }

  restore(): Promise<void> {
    const { restore } = this.#script;
    if (restore === 'hang') return this.#gone.promise;
    if (restore instanceof RestoreFailure) return Promise.reject(restore);
    this.restored += 1;
    return Promise.resolve();
  }

  rested(): Promise<void> {
    return Promise.race([this.#rest.promise, this.#gone.promise]);
  }

  /** Ends an init that hangs, well. */
  becomeReady(): void {
    this.#ready.resolve();
  }

  /** Asks for the next event. */
  rest(): void {
    this.#rest.resolve();
  }

  exit(exit: SandboxExit): void {
    this.#gone.reject(new ChannelEnded());
    this.#exit.resolve(exit);
  }

  doorway(): Promise<never> {
    return this.#gone.promise;
  }

  async equip(equipment: Equipment): Promise<Equipment['environment']> {
    if (this.#owner.broken) throw fail('environment-failed', { detail: 'broken for a test' });
    this.equipment = equipment;
    return equipment.environment;
  }

  closeDoorways(): void {
    this.doorwaysClosed = true;
  }

  freeze(): void {
    this.frozen = true;
  }

  thaw(): void {
    this.frozen = false;
  }

  setCpu(milliCores: number): void {
    this.cpu.push(milliCores);
  }

  peakMemoryBytes(): number {
    return 41.5 * 1024 * 1024;
  }

  kill(): void {
    if (!this.#owner.holdReaping) this.reap();
  }

  reap(): void {
    this.exit({ signal: 'SIGKILL', outOfMemory: false });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.exited;
    this.removed = true;
  }

  [Symbol.dispose](): void {}

  async #leave(exit: SandboxExit): Promise<never> {
    this.exit(exit);
    throw new ChannelEnded();
  }
}
