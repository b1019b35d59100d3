import type { StartVariables } from './start-variables.ts';

/**
 * A runtime that this machine can start: how an identifier becomes a program in a sandbox.
 *
 * An identifier never resolves to another minor version: `python3.11` is Python 3.11 or it is not there.
 */
export interface Runtime {
  /** AWS's identifier: `nodejs24.x`, `python3.11`, `provided.al2023`. */
  readonly identifier: string;
  /** What is behind it: "Node.js 24.21.0". */
  readonly detail: string;
  /** How its bootstrap speaks to the worker. */
  readonly channel: 'frames' | 'http';
  /** Inside path → host path, besides `/var/task`. A directory, or a single file. */
  readonly mounts: Readonly<Record<string, string>>;
  /** Variables the runtime itself needs (`LANG`, `PATH`, `NODE_PATH` …). The owner's win unless reserved. */
  readonly variables: Readonly<Record<string, string>>;
  /** A function that sets one of these cannot be given a program that was started ahead. */
  readonly startVariables: readonly StartVariables[];
  /** The program and its arguments, as inside paths. */
  command(options: CommandOptions): readonly [string, ...string[]];
}

export interface CommandOptions {
  /** What the sandbox may use, so that a heap of the runtime's own stays below it. */
  readonly memoryMb: number;
  /** The environment the program will have: what the owner set there himself is left to him. */
  readonly environment: Readonly<Record<string, string>>;
}
