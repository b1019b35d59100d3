import { open } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@lambent/core';
import {
  bubblewrapArguments,
  bubblewrapCommand,
  NAMESPACE_USER_ID,
  type Surroundings,
  type UserMode,
} from './bubblewrap-arguments.ts';
import { BubblewrapProcess, readBubblewrapExit } from './bubblewrap-process.ts';
import type { Cgroup } from './cgroup.ts';
import type { Cgroups } from './cgroups.ts';
import { ChildSandbox } from './child-sandbox.ts';
import { Doorways } from './doorways.ts';
import { writeUserFiles } from './inside-etc.ts';
import { joiningShell } from './joining-shell.ts';
import type { LateDirectories, LateMounts } from './late-mounts.ts';
import { untilGone } from './process-group.ts';
import type { Equipment, SandboxPlan } from './sandbox.ts';
import { checkPlan, fillDoorways, handsOutDoorways, programEnvironment } from './sandbox-plan.ts';
import { BYTES_PER_MB, type SandboxStarter, started } from './sandbox-starter.ts';
import type { Slots } from './slots.ts';
import { startScript } from './start-script.ts';
import type { VethOutbound } from './veth-outbound.ts';

export interface BubblewrapParts {
  /** Host path of the program. */
  readonly bubblewrap: string;
  /** The first user id of the sandboxes; without it a user namespace shows the caller's own. */
  readonly firstUserId: number | undefined;
  readonly surroundings: Pick<Surroundings, 'etc' | 'systemDirectories'>;
  /** Host path of the assembled system call filter. */
  readonly seccompFile: string | undefined;
  readonly cgroups: Cgroups;
  readonly outbound: VethOutbound | undefined;
  readonly lateMounts: LateMounts | undefined;
  readonly runDirectory: string;
  readonly slots: Slots;
  readonly strayFds: readonly number[];
  readonly clock: Clock;
}

/** Bubblewrap's two own processes, beside the program's. Their memory, less than 1 MB, is the sandbox's to pay. */
const BUBBLEWRAP_PROCESSES = 2;

/** Starts sandboxes in namespaces of their own, made by bubblewrap. */
export class BubblewrapStarter implements SandboxStarter {
  readonly #parts: BubblewrapParts;

  constructor(parts: BubblewrapParts) {
    this.#parts = parts;
  }

  async start(plan: SandboxPlan): Promise<ChildSandbox> {
    checkPlan(plan);
    const { slots, cgroups, outbound } = this.#parts;
    await using held = new AsyncDisposableStack();
    const slot = held.adopt(slots.take(), taken => slots.giveBack(taken));
    const limits = {
      memoryBytes: plan.memoryMb * BYTES_PER_MB,
      processesMax: plan.processesMax + BUBBLEWRAP_PROCESSES,
    };
    const cgroup = held.adopt(await cgroups.create(plan.id, limits), made => made.remove());
    if (outbound) held.defer(() => outbound.disconnect(slot));
    const late = await this.#reserve(plan);
    if (late) held.use(late);
    if (late) cgroup.setCpuWeight('lowest');
    const run = await this.#spawn(plan, { slot, cgroup, late });
    const sandbox = this.#sandboxOf(plan, { cgroup, run, late, held: held.move() });
    // The network is laid while bubblewrap makes the rest, and is there before the program can make use of it.
    return started(sandbox, run, Promise.all([run.ready, this.#connect(run, slot)]));
  }

  async #reserve(plan: SandboxPlan): Promise<LateDirectories | undefined> {
    if (!plan.lateMounts) return undefined;
    const { lateMounts } = this.#parts;
    if (!lateMounts) throw new TypeError('nothing can be mounted later on this machine');
    return await lateMounts.reserve(plan.id, plan.lateMounts, plan.ephemeralStorageMb);
  }

  async #spawn(
    plan: SandboxPlan,
    { slot, cgroup, late }: { slot: number; cgroup: Cgroup; late: LateDirectories | undefined },
  ): Promise<BubblewrapProcess> {
    const { bubblewrap, surroundings, seccompFile } = this.#parts;
    const user = this.#userOf(slot);
    const userFiles = await writeUserFiles(path.join(this.#parts.runDirectory, 'users'), user.userId);
    const mounts = { ...plan.mounts, ...late?.mounts };
    const args = bubblewrapArguments(
      { ...plan, mounts },
      {
        ...surroundings,
        ...(late && { tmp: late.tmp }),
        user,
        userFiles,
        seccomp: seccompFile !== undefined,
      },
    );
    const joining = {
      joinFiles: cgroup.joinFiles,
      strayFds: this.#parts.strayFds,
      processesMax: user.kind === 'own' ? plan.processesMax : undefined,
    };
    const launch = {
      command: joiningShell(joining, bubblewrapCommand(bubblewrap, user)),
      script: startScript(plan.command, programEnvironment(plan, plan.doorways, { inside: true })),
      nodeChannel: handsOutDoorways(plan),
    };
    // Bubblewrap reads it to its end, so each one needs an open file of its own.
    await using seccomp = seccompFile === undefined ? undefined : await open(seccompFile);
    return new BubblewrapProcess(launch, { arguments: args, seccompFd: seccomp?.fd });
  }

  #userOf(slot: number): UserMode {
    const { firstUserId } = this.#parts;
    if (firstUserId === undefined) return { kind: 'namespace', userId: NAMESPACE_USER_ID };
    return { kind: 'own', userId: firstUserId + slot };
  }

  #sandboxOf(plan: SandboxPlan, { cgroup, run, late, held }: Held): ChildSandbox {
    return new ChildSandbox({
      id: plan.id,
      run,
      doorways: new Doorways(Object.keys(plan.doorways)),
      cgroup,
      ...(late && { equip: (equipment: Equipment) => equip(plan, equipment, { cgroup, late }) }),
      kill: () => run.kill(),
      readExit: readBubblewrapExit,
      treeGone: async () => {
        await cgroup.emptied();
        // Matters only where there are no cgroups, and the outer process was killed by somebody else.
        await untilGone(() => run.innerAlive, this.#parts.clock);
      },
      release: () => held.disposeAsync(),
    });
  }

  async #connect(run: BubblewrapProcess, slot: number): Promise<void> {
    await this.#parts.outbound?.connect(slot, await run.innerPid);
  }
}

interface Held {
  readonly cgroup: Cgroup;
  readonly run: BubblewrapProcess;
  readonly late: LateDirectories | undefined;
  /** What is given back when nothing runs any more. */
  readonly held: AsyncDisposableStack;
}

async function equip(
  plan: SandboxPlan,
  { mounts, environment, memoryMb, ephemeralStorageMb }: Equipment,
  { cgroup, late }: { readonly cgroup: Cgroup; readonly late: LateDirectories },
): Promise<Readonly<Record<string, string>>> {
  cgroup.raiseMemory(memoryMb * BYTES_PER_MB);
  cgroup.setCpuWeight('normal');
  await Promise.all([
    ...Object.entries(mounts).map(([inside, source]) => late.mount(inside, source)),
    ephemeralStorageMb !== plan.ephemeralStorageMb && late.resizeTmp(ephemeralStorageMb),
  ]);
  return fillDoorways(environment, plan.doorways);
}
