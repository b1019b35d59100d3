import type { Server } from 'node:net';
import type { Duplex, Readable } from 'node:stream';

/**
 * Where a function's processes run: a confined process tree on this machine.
 *
 * Promises: when `start` resolves the first process runs inside, confined as `confinement` says; if it cannot, it
 * rejects with `environment-failed` and has left nothing behind. `exited` resolves once, when no process of the
 * sandbox is left; by `dispose` (idempotent, waits) every process is killed and its cgroup, mounts, network and
 * files are gone. Nothing the processes do can end the caller.
 */
export interface Sandboxes extends AsyncDisposable {
  /** What this machine was found able to do, by trying it. */
  readonly confinement: Confinement;
  start(plan: SandboxPlan): Promise<Sandbox>;
  /** Removes whatever an earlier run of this owner left behind; returns what it removed. */
  sweep(): Promise<readonly string[]>;
}

export interface SandboxPlan {
  /** Unique; becomes part of cgroup, interface and directory names: `[a-z0-9-]{1,32}`. */
  readonly id: string;
  /** Inside paths → host paths, read-only. Always `/var/task`; `/var/runtime`, `/var/lang`, `/opt` as the runtime needs. */
  readonly mounts: Readonly<Record<string, string>>;
  /** The program and its arguments, as inside paths. */
  readonly command: readonly [string, ...string[]];
  /**
   * The whole environment of the program. `{doorway:NAME}` inside a value becomes the `host:port` at which the program
   * finds that doorway. Added: `NODE_CHANNEL_FD` and `LAMBENT_DOORWAYS` (below).
   */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Sockets the program shall listen on inside its own network, 127.0.0.1, and hand out over its Node child channel.
   * It is told by `LAMBENT_DOORWAYS=runtime-api:9001,aws-endpoint:9000`. Where there is no network of its own the
   * caller listens on a free loopback port instead, and `LAMBENT_DOORWAYS` is empty.
   */
  readonly doorways: Readonly<Partial<Record<DoorwayName, number>>>;
  readonly memoryMb: number;
  readonly ephemeralStorageMb: number;
  readonly processesMax: number;
  /**
   * Inside paths that are empty until `equip` fills them: of a sandbox started ahead of what it is for. Until then it
   * has the lowest share of the processor. Only where `confinement.lateMounts` is held.
   */
  readonly lateMounts?: readonly string[];
}

/** What a sandbox that was started ahead is given. */
export interface Equipment {
  /** Inside paths of its plan's `lateMounts` → host paths, read-only. */
  readonly mounts: Readonly<Record<string, string>>;
  /** As in a plan; the program is told of it by the caller, since its own environment is past changing. */
  readonly environment: Readonly<Record<string, string>>;
  /** Not less than the plan had. */
  readonly memoryMb: number;
  readonly ephemeralStorageMb: number;
}

export interface Sandbox extends AsyncDisposable {
  readonly id: string;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The framed channel: a socket pair whose other end is file descriptor 4 of the program. */
  readonly channel: Duplex;
  /** Resolves with what the program exited with, when the whole tree is gone. */
  readonly exited: Promise<SandboxExit>;
  /**
   * Listening sockets that the program made inside its own network and handed out, by the name it gave
   * (`runtime-api`, `aws-endpoint`). Resolves when it has; rejects with `environment-failed` if it ends before.
   */
  doorway(name: DoorwayName): Promise<Server>;
  /** Ends the way for more doorways: from here on the program cannot send anything but on `channel`. */
  closeDoorways(): void;
  /**
   * Gives it what it was started ahead of, once: when this resolves, with the environment whose doorways are filled
   * in, everything is where the program looks for it. Rejects with `environment-failed`; then it is of no use.
   */
  equip(equipment: Equipment): Promise<Readonly<Record<string, string>>>;
  /** CPU share, in thousandths of one core; 0 lifts the bound. */
  setCpu(milliCores: number): void;
  /** Stops every process where it is; without effect where the machine cannot. `kill` ends frozen ones too. */
  freeze(): void;
  /** Lets them go on. Without effect where nothing is frozen. */
  thaw(): void;
  /** Highest memory use so far of everything inside, in bytes; 0 where the machine cannot tell. */
  peakMemoryBytes(): number;
  /** Ends every process at once. `exited` tells when they are gone. */
  kill(): void;
}

export type DoorwayName = 'runtime-api' | 'aws-endpoint';

export interface SandboxExit {
  /** Exit status, or undefined when a signal ended it. */
  readonly status?: number;
  readonly signal?: NodeJS.Signals;
  /** The kernel killed a process inside for want of memory. */
  readonly outOfMemory: boolean;
}

/** One line each, for the start screen and `lambent doctor`. */
export interface Confinement {
  readonly namespaces: Finding;
  readonly seccomp: Finding;
  readonly cgroup: Finding;
  readonly ownUid: Finding;
  readonly network: Finding;
  readonly outbound: Finding;
  /** Whether code can be mounted into a sandbox that runs: what starting ahead needs. */
  readonly lateMounts: Finding;
}

export interface Finding {
  readonly held: boolean;
  /** What was found: "bubblewrap 0.8.0", "v1: memory, cpu, pids". */
  readonly detail: string;
  /** The exact command that mends a lack, where there is one. */
  readonly remedy?: string;
}
