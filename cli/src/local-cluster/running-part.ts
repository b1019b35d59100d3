import type { PartLife } from './cluster-file.ts';

/** How a process ended: one of the two is null. */
export interface PartEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One life of a part, from when it serves. */
export interface RunningPart {
  readonly life: PartLife;
  readonly ended: Promise<PartEnd>;
  /** Lets it finish, within its bound, and resolves when it has ended. */
  stop(): Promise<unknown>;
}

/** A part that ended before it served. */
export class PartNotServing extends Error {
  override readonly name = 'PartNotServing';
  readonly end: PartEnd;

  constructor(end: PartEnd) {
    super(`it ended with ${end.signal ?? end.status} before it served`);
    this.end = end;
  }
}
