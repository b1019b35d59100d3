import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, sleep } from '@lambent/core';
import { type CgroupLimits, countOutOfMemoryKills, dialectOf } from './cgroup-dialect.ts';
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
    return this.#places.map(({ directory }) => path.join(directory, 'cgroup.procs'));
  }

  setCpu(milliCores: number): void {
    const place = this.#controlling('cpu');
    if (!place || this.#gone) return;
    const { file, value } = dialectOf(place.version).cpu(milliCores);
    writeFileSync(path.join(place.directory, file), value, { flag: 'r+' });
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

  /** Kills what is inside; what forks meanwhile may escape version 1 and is met by `remove`. */
  kill(): void {
    if (!this.#gone) for (const { directory } of this.#places) killInside(directory);
  }

  /** Resolves when no process is left inside; kills until then. */
  async emptied(): Promise<void> {
    await emptied(this.#places, this.#clock);
  }

  /** Kills what is left inside, then removes the directories. */
  remove(): Promise<void> {
    this.#gone ??= this.#remove();
    return this.#gone;
  }

  async #remove(): Promise<void> {
    if (this.#peakFd !== undefined) closeSync(this.#peakFd);
    await removePlaces(this.#places, this.#clock);
  }

  #controlling(controller: Controller): CgroupPlace | undefined {
    return this.#places.find(place => place.controllers.includes(controller));
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

/** Kills what is inside and removes the directories. */
export async function removePlaces(places: readonly { directory: string }[], clock: Clock): Promise<void> {
  await emptied(places, clock);
  const giveUpAtMs = clock.monotonicMs() + EMPTY_WITHIN_MS;
  for (const { directory } of places) {
    // A process that is listed no more may still hold its cgroup until its parent has reaped it.
    while (!(await removeEmpty(directory))) {
      if (clock.monotonicMs() > giveUpAtMs) throw new Error(`the cgroup ${directory} stays busy`);
      await sleep(clock, EMPTY_POLL_MS);
    }
  }
}

async function emptied(places: readonly { directory: string }[], clock: Clock): Promise<void> {
  const giveUpAtMs = clock.monotonicMs() + EMPTY_WITHIN_MS;
  while (places.map(({ directory }) => killInside(directory)).includes(true)) {
    if (clock.monotonicMs() > giveUpAtMs) throw new Error(`processes in ${places[0]?.directory} do not end`);
    await sleep(clock, EMPTY_POLL_MS);
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
