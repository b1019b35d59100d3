import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { cpuUsOf } from '../load/cpu.ts';
import { HttpTarget } from '../load/http-target.ts';
import { expectEcho } from '../load/outcome.ts';
import type { Target } from '../load/target.ts';

/** What an invocation is measured beside: programs of this folder, which give an event back. */
export const FLOORS = ['http-echo', 'bare-path'] as const;
export type Floor = (typeof FLOORS)[number];

export interface FloorOptions {
  readonly name?: string;
  readonly event: Uint8Array;
  readonly connectionsMax: number;
  readonly patienceMs: number;
}

/** A floor that gives its event back, in a process of its own. */
export async function startFloor(floor: Floor, options: FloorOptions): Promise<Target> {
  await using stack = new AsyncDisposableStack();
  const { pid, origin } = stack.use(await startFloorProcess(floor));
  const target = stack.use(
    new HttpTarget({
      name: floor,
      ...options,
      origin,
      paths: ['/'],
      judge: expectEcho(options.event),
      cpuUs: () => cpuUsOf(pid),
    }),
  );
  const opened = stack.move();
  return {
    name: target.name,
    cpuUs: target.cpuUs,
    call: copy => target.call(copy),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export interface FloorProcess extends AsyncDisposable {
  readonly pid: number;
  readonly origin: string;
}

/** A program of this folder, which prints its port when it serves. */
export async function startFloorProcess(program: Floor | 'chunked-proxy'): Promise<FloorProcess> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, `${program}.ts`)], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return {
    pid: child.pid ?? 0,
    origin: `http://127.0.0.1:${line.toString().trim()}`,
    [Symbol.asyncDispose]: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.disconnect();
  child.kill();
  await once(child, 'exit');
}
