import { once } from 'node:events';
import { chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import type { Clock } from '@lambent/core';
import type { Cgroups } from './cgroups.ts';
import { ChildSandbox } from './child-sandbox.ts';
import { Doorways } from './doorways.ts';
import { takeEveryStep } from './every-step.ts';
import { toHostPaths } from './inside-paths.ts';
import { joiningShell } from './joining-shell.ts';
import { type Launch, LaunchedProcess } from './launched-process.ts';
import { endProcessGroup, signalQuietly, startOf } from './process-group.ts';
import type { DoorwayName, SandboxPlan } from './sandbox.ts';
import { checkPlan, programEnvironment } from './sandbox-plan.ts';
import { BYTES_PER_MB, type SandboxStarter, started } from './sandbox-starter.ts';
import type { Slots } from './slots.ts';
import { becomeUser, SCRIPT_READER, startScript } from './start-script.ts';

export interface PlainParts {
  /** The first user id of the sandboxes, where there can be any but the caller's. */
  readonly firstUserId: number | undefined;
  readonly cgroups: Cgroups;
  readonly runDirectory: string;
  readonly slots: Slots;
  readonly strayFds: readonly number[];
  readonly clock: Clock;
}

/**
 * Starts sandboxes that are mere processes of the host, for development on machines that have nothing better: what
 * should be mounted is named by its host path instead, and doorways are free ports of the host's loopback.
 */
export class PlainStarter implements SandboxStarter {
  readonly #parts: PlainParts;

  constructor(parts: PlainParts) {
    this.#parts = parts;
  }

  async start(plan: SandboxPlan): Promise<ChildSandbox> {
    checkPlan(plan);
    const { slots, cgroups, firstUserId, runDirectory, strayFds, clock } = this.#parts;
    await using held = new AsyncDisposableStack();
    const slot = held.adopt(slots.take(), taken => slots.giveBack(taken));
    const userId = firstUserId === undefined ? undefined : firstUserId + slot;
    const limits = { memoryBytes: plan.memoryMb * BYTES_PER_MB, processesMax: plan.processesMax };
    const cgroup = held.adopt(await cgroups.create(plan.id, limits), made => made.remove());
    const temporary = held.adopt(await makeTemporary(runDirectory, plan.id, userId), remove);
    const doorways = held.use(new Doorways(Object.keys(plan.doorways)));
    const ports = await openDoorways(plan, doorways);
    const launch = launchOf(plan, { ports, temporary, userId, joinFiles: cgroup.joinFiles, strayFds });
    const record = held.adopt(path.join(runDirectory, GROUPS, plan.id), remove);
    const run = new LaunchedProcess(launch);
    const leader = run.child.pid;
    const sandbox = new ChildSandbox({
      id: plan.id,
      run,
      doorways,
      cgroup,
      kill: () => {
        if (run.running && leader !== undefined) signalQuietly(-leader, 'SIGKILL');
        cgroup.kill();
      },
      readExit: (status, signal) => (signal === null ? { status: status ?? 0 } : { signal }),
      treeGone: async () => {
        if (leader !== undefined) await endProcessGroup(leader, clock);
        await cgroup.emptied();
      },
      release: releaseOf(held.move()),
    });
    return started(sandbox, run, Promise.all([run.ready, writeRecord(record, leader)]));
  }
}

/** Ends the process groups that an earlier run left behind; gives their sandboxes. */
export async function endLeftGroups(runDirectory: string, clock: Clock): Promise<string[]> {
  const ids = await readdir(path.join(runDirectory, GROUPS)).catch(() => []);
  return takeEveryStep(ids.map(id => () => endLeftGroup(runDirectory, id, clock)));
}

async function endLeftGroup(runDirectory: string, id: string, clock: Clock): Promise<string[]> {
  const text = await readFile(path.join(runDirectory, GROUPS, id), 'utf8');
  const { leader, start } = JSON.parse(text) as GroupRecord;
  // The number alone may by now be somebody else's.
  if ((await startOf(leader)) !== start) return [];
  await endProcessGroup(leader, clock);
  return [`process group ${leader} of ${id}`];
}

/** Below the run directory: a file per sandbox that says which processes to end if nobody else does. */
export const GROUPS = 'groups';
/** Below the run directory: the sandboxes' own `/tmp`. */
const TEMPORARY = 'tmp';

interface GroupRecord {
  readonly leader: number;
  readonly start: string | undefined;
}

function releaseOf(held: AsyncDisposableStack): () => Promise<void> {
  return () => held.disposeAsync();
}

interface Place {
  readonly ports: Partial<Record<DoorwayName, number>>;
  readonly temporary: string;
  readonly userId: number | undefined;
  readonly joinFiles: readonly string[];
  readonly strayFds: readonly number[];
}

function launchOf(plan: SandboxPlan, place: Place): Launch {
  const { ports, temporary, userId, joinFiles, strayFds } = place;
  const mounts = { ...plan.mounts, '/tmp': temporary };
  const environment = Object.entries(programEnvironment(plan, ports, { inside: false }));
  const [program, ...args] = plan.command.map(word => toHostPaths(word, mounts));
  const reader = [...(userId === undefined ? [] : becomeUser(userId)), ...SCRIPT_READER];
  return {
    command: joiningShell({ joinFiles, strayFds, processesMax: userId && plan.processesMax }, reader),
    script: startScript(
      [program ?? plan.command[0], ...args],
      Object.fromEntries(environment.map(([name, value]) => [name, toHostPaths(value, mounts)])),
    ),
    nodeChannel: false,
    detached: true,
    directory: plan.mounts['/var/task'] ?? temporary,
  };
}

async function makeTemporary(runDirectory: string, id: string, userId: number | undefined): Promise<string> {
  const directory = path.join(runDirectory, TEMPORARY, id);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (userId !== undefined) await chown(directory, userId, userId);
  return directory;
}

async function openDoorways(plan: SandboxPlan, doorways: Doorways): Promise<Place['ports']> {
  const ports: Record<string, number> = {};
  for (const name of Object.keys(plan.doorways)) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    doorways.open(name, server);
    ports[name] = (server.address() as AddressInfo).port;
  }
  return ports;
}

async function writeRecord(file: string, leader: number | undefined): Promise<void> {
  if (leader === undefined) return;
  await mkdir(path.dirname(file), { recursive: true });
  const record: GroupRecord = { leader, start: await startOf(leader) };
  // Written beside and moved: half a record would stop every sweep after a crash.
  const beside = `${path.dirname(file)}.${path.basename(file)}`;
  await writeFile(beside, JSON.stringify(record));
  await rename(beside, file);
}

async function remove(target: string): Promise<void> {
  await rm(target, { recursive: true, force: true });
}
