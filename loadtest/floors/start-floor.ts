import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { cpuUsOf } from '../load/cpu.ts';
import { HttpTarget } from '../load/http-target.ts';
import { expectEcho } from '../load/outcome.ts';
import type { Target } from '../load/target.ts';

/** What an engine is measured beside: programs of this folder, which give an event back. */
export const FLOORS = ['http-echo', 'bare-path'] as const;
export type Floor = (typeof FLOORS)[number];

export interface FloorOptions {
  readonly name?: string;
  readonly event: Uint8Array;
  readonly connectionsMax: number;
  readonly patienceMs: number;
}

/** A floor in a process of its own, which prints its port when it serves. */
export async function startFloor(floor: Floor, options: FloorOptions): Promise<Target> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, `${floor}.ts`)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const target = new HttpTarget({
    name: floor,
    ...options,
    origin: `http://127.0.0.1:${line.toString().trim()}`,
    paths: ['/'],
    judge: expectEcho(options.event),
    cpuUs: () => cpuUsOf(child.pid ?? 0),
  });
  return {
    name: target.name,
    cpuUs: target.cpuUs,
    call: copy => target.call(copy),
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]();
      await ended(child);
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.disconnect();
  child.kill();
  await once(child, 'exit');
}
