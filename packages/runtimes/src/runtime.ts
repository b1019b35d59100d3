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
  /** Inside path → host path, besides `/var/task`. */
  readonly mounts: Readonly<Record<string, string>>;
  readonly command: readonly [string, ...string[]];
  /** Variables the runtime itself needs (`LANG`, `PATH`, `NODE_PATH` …). The owner's win unless reserved. */
  readonly variables: Readonly<Record<string, string>>;
}
