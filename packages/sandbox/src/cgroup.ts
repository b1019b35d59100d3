import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, sleep } from '@lambent/core';
import {
  type CgroupLimits,
  type CpuWeight,
  countOutOfMemoryKills,
  dialectOf,
  type LimitFile,
  MAKING_WAY,
} from './cgroup-dialect.ts';
import type { Controller } from './cgroup-hierarchies.ts';

/** A directory in one hierarchy, and what it controls there; version 2 may control nothing and still can kill. */
export interface CgroupPlace {
  readonly version: 1 | 2;
  readonly directory: string;
  readonly controllers: readonly Controller[];
}

/**
 * The kernel lets a cgroup go when its last process is reaped, which is after it was killed: tens of milliseconds
 * on a busy machine, and whoever waits longer waits for something that is stuck.
 */
const EMPTY_WITHIN_MS = 4_000;
const EMPTY_POLL_MS = 3;

/** One sandbox's cgroup: a directory of the same name in each hierarchy. */
export class Cgroup {
  readonly #places: readonly CgroupPlace[];
  readonly #clock: Clock;
  /** Kept open, so that a reading costs one system call; undefined where the machine cannot tell. */
  readonly #peakFd: number | undefined;
  #frozen = false;
  /** From the first kill on, and for good. */
  #makingWay = false;
  #gone: Promise<void> | undefined;

  private constructor(places: readonly CgroupPlace[], clock: Clock) {
    this.#places = places;
    this.#clock = clock;
    this.#peakFd = this.#openPeak();
  }

  /** Makes the directories and writes the limits; leaves nothing behind when it cannot. */
  static async create(places: readonly CgroupPlace[], limits: CgroupLimits, clock: Clock): Promise<Cgroup> {
    try {
      for (const place of places) await makePlace(place, limits);
      return new Cgroup(places, clock);
    } catch (error) {
      for (const { directory } of places) await removeEmpty(directory);
      throw error;
    }
  }

  /** A process that writes its number to all of these is inside. */
  get joinFiles(): readonly string[] {
    return this.#directories.map(directory => path.join(directory, 'cgroup.procs'));
  }

  setCpu(milliCores: number): void {
    const place = this.#controlling('cpu');
    // What is being killed must not be slowed down again.
    if (!place || this.#makingWay || this.#gone) return;
    writeLimit(place.directory, dialectOf(place.version).cpu(milliCores));
  }

  setCpuWeight(weight: CpuWeight): void {
    const place = this.#controlling('cpu');
    if (!place || this.#makingWay || this.#gone) return;
    writeLimit(place.directory, dialectOf(place.version).weight(weight));
  }

  /** Nothing inside runs until it is thawed or killed. */
  freeze(): void {
    const place = this.#freezing;
    if (!place || this.#frozen || this.#makingWay || this.#gone) return;
    try {
      writeLimit(place.directory, dialectOf(place.version).freezer('frozen'));
      this.#frozen = true;
    } catch (error) {
      // Version 2 came to it with Linux 5.2. Before that what is idle may go on running.
      ignoreMissing(error as NodeJS.ErrnoException);
    }
  }

  thaw(): void {
    const place = this.#freezing;
    if (!place || !this.#frozen || this.#makingWay || this.#gone) return;
    writeLimit(place.directory, dialectOf(place.version).freezer('thawed'));
    this.#frozen = false;
  }

  /** Lets it have more than it was made with. */
  raiseMemory(memoryBytes: number): void {
    const place = this.#controlling('memory');
    if (!place || this.#gone) return;
    const limits = dialectOf(place.version).limits('memory', { memoryBytes, processesMax: 0 });
    // Memory and swap together may never be less than memory alone: what was set last when it fell is raised first.
    for (const limit of limits.toReversed()) writeLimit(place.directory, limit);
  }

  peakMemoryBytes(): number {
    if (this.#peakFd === undefined || this.#gone) return 0;
    const text = Buffer.alloc(NUMBER_BYTES_MAX);
    return Number(text.toString('latin1', 0, readSync(this.#peakFd, text, 0, text.length, 0)));
  }

  /** Whether the kernel killed something inside for want of memory. */
  async outOfMemory(): Promise<boolean> {
    const place = this.#controlling('memory');
    if (!place) return false;
    const file = path.join(place.directory, dialectOf(place.version).outOfMemoryFile);
    return countOutOfMemoryKills(await readFile(file, 'utf8')) > 0;
  }

  /** From here on nothing inside can fork, nor be kept from dying by its share of the processor. */
  makeWay(): void {
    if (this.#makingWay || this.#gone) return;
    this.#makingWay = true;
    for (const directory of this.#directories) makeWay(directory);
  }

  /** Kills what is inside; a fork that was under way may escape version 1 and is met by `emptied`. */
  kill(): void {
    this.makeWay();
    if (!this.#gone) for (const directory of this.#directories) killInside(directory);
  }

  /** Resolves when no process is left inside; kills until then. */
  async emptied(): Promise<void> {
    this.makeWay();
    await untilNoneBusy(this.#clock, () => this.#directories.filter(killInside));
  }

  /** Kills what is left inside, then removes the directories. */
  remove(): Promise<void> {
    this.#gone ??= this.#remove();
    return this.#gone;
  }

  async #remove(): Promise<void> {
    if (this.#peakFd !== undefined) closeSync(this.#peakFd);
    await removeDirectories(this.#directories, this.#clock);
  }

  get #directories(): readonly string[] {
    return this.#places.map(({ directory }) => directory);
  }

  #controlling(controller: Controller): CgroupPlace | undefined {
    return this.#places.find(place => place.controllers.includes(controller));
  }

  /** Version 2 freezes without a controller. */
  get #freezing(): CgroupPlace | undefined {
    return this.#places.find(({ version }) => version === 2) ?? this.#controlling('freezer');
  }

  #openPeak(): number | undefined {
    const place = this.#controlling('memory');
    if (!place) return undefined;
    try {
      return openSync(path.join(place.directory, dialectOf(place.version).peakMemoryFile), 'r');
    } catch {
      // memory.peak came with Linux 5.19. Without it the peak is unknown, which is no reason not to run.
      return undefined;
    }
  }
}

/** A 64-bit number and a line end. */
const NUMBER_BYTES_MAX = 24;

async function makePlace(place: CgroupPlace, limits: CgroupLimits): Promise<void> {
  await mkdir(place.directory);
  const dialect = dialectOf(place.version);
  for (const controller of place.controllers) {
    for (const { file, value, optional } of dialect.limits(controller, limits)) {
      const written = writeFile(path.join(place.directory, file), value, { flag: 'r+' });
      await (optional ? written.catch(ignoreMissing) : written);
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** Kills what is inside and removes the directories, of which the inner come before the outer. */
export async function removeDirectories(directories: readonly string[], clock: Clock): Promise<void> {
  // In all of them before the first kill: what one controller holds back stays in the others too.
  for (const directory of directories) makeWay(directory);
  let left = directories;
  await untilNoneBusy(clock, async () => {
    for (const directory of left) killInside(directory);
    const busy: string[] = [];
    // A process that is listed no more may still hold its cgroup until its parent has reaped it.
    for (const directory of left) if (!(await removeEmpty(directory))) busy.push(directory);
    left = busy;
    return busy;
  });
}

/** Tries until no directory is busy any more; each attempt gives those that still are. */
async function untilNoneBusy(clock: Clock, attempt: () => string[] | Promise<string[]>): Promise<void> {
  const giveUpAtMs = clock.monotonicMs() + EMPTY_WITHIN_MS;
  for (let busy = await attempt(); busy.length > 0; busy = await attempt()) {
    if (clock.monotonicMs() > giveUpAtMs) throw new Error(`cgroups stay busy: ${busy.join(', ')}`);
    await sleep(clock, EMPTY_POLL_MS);
  }
}

function makeWay(directory: string): void {
  for (const limit of MAKING_WAY) {
    try {
      writeLimit(directory, limit);
    } catch {
      // Not a file of this directory's version or controllers. Killing goes on whatever else the reason was.
    }
  }
}

function writeLimit(directory: string, { file, value, optional = false }: LimitFile): void {
  try {
    writeFileSync(path.join(directory, file), value, { flag: 'r+' });
  } catch (error) {
    if (!optional) throw error;
    ignoreMissing(error as NodeJS.ErrnoException);
  }
}

/** Kills every process inside; false when there was none. */
function killInside(directory: string): boolean {
  const pids = processesInside(directory);
  if (pids.length === 0) return false;
  try {
    // One write that misses no fork, where the kernel has it (version 2, Linux 5.14).
    writeFileSync(path.join(directory, 'cgroup.kill'), '1', { flag: 'r+' });
  } catch {
    for (const pid of pids) killProcess(pid);
  }
  return true;
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the reading and the killing.
  }
}

export function processesInside(directory: string): number[] {
  try {
    const text = readFileSync(path.join(directory, 'cgroup.procs'), 'utf8');
    return text.split('\n').filter(Boolean).map(Number);
  } catch {
    // The directory is gone, and with it whoever was inside.
    return [];
  }
}

/** False while it is busy. */
async function removeEmpty(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY') return false;
    if (code !== 'ENOENT') throw error;
  }
  return true;
}
