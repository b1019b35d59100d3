import { constants } from 'node:os';
import { BUBBLEWRAP_FDS } from './bubblewrap-arguments.ts';
import { type Launch, LaunchedProcess } from './launched-process.ts';
import { lives, signalQuietly } from './process-group.ts';
import type { SandboxExit } from './sandbox.ts';

export interface BubblewrapInput {
  readonly arguments: readonly string[];
  /** The system call filter, open for reading from its beginning; the caller closes it. */
  readonly seccompFd: number | undefined;
}

/** Bubblewrap tells a signal's end as a shell would: 128 and the signal's number. */
const SIGNAL_STATUS = 128;

/**
 * One run of bubblewrap: the outer process, which is our child and waits, and the first process inside, whose end is
 * the end of everything inside.
 */
export class BubblewrapProcess extends LaunchedProcess {
  /** The first process inside, as the host numbers it. Rejects when there will be none. */
  readonly innerPid: Promise<number>;
  #innerPid: number | undefined;

  constructor(launch: Omit<Launch, 'extra' | 'detached'>, input: BubblewrapInput) {
    super({ ...launch, extra: [input.seccompFd ?? 'ignore', 'pipe', 'pipe'] });
    // If bubblewrap ends before it has read them, it says why by its own means.
    this.pipe(BUBBLEWRAP_FDS.arguments)
      .on('error', () => {})
      .end(input.arguments.map(each => `${each}\0`).join(''));
    this.innerPid = Promise.race([this.ended, this.#watchStatus()]);
    this.innerPid.catch(() => {});
  }

  /**
   * Kills the first process inside; the kernel kills all others with it, and the outer one reaps it and ends. Killing
   * the outer one first would leave its child to whoever is process 1, which in a container may never reap.
   */
  kill(): void {
    if (!this.running) return;
    if (this.#innerPid === undefined) this.child.kill('SIGKILL');
    else signalQuietly(this.#innerPid, 'SIGKILL');
  }

  /** Whether something inside is left; for after the outer process has ended. */
  get innerAlive(): boolean {
    return this.#innerPid !== undefined && lives(this.#innerPid);
  }

  async #watchStatus(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    let text = '';
    const stream = this.pipe(BUBBLEWRAP_FDS.status);
    stream.setEncoding('utf8').on('error', () => {});
    stream.on('data', (chunk: string) => {
      text += chunk;
      const pid = /"child-pid": (\d+)/.exec(text)?.[1];
      if (pid !== undefined) resolve(Number(pid));
    });
    this.#innerPid = await promise;
    return this.#innerPid;
  }
}

/** A program that itself exits with 137 looks like one that was killed: bubblewrap tells no difference. */
export function readBubblewrapExit(
  status: number | null,
  signal: NodeJS.Signals | null,
): Omit<SandboxExit, 'outOfMemory'> {
  if (signal !== null) return { signal };
  const number = (status ?? 0) - SIGNAL_STATUS;
  const inner = Object.entries(constants.signals).find(([, value]) => value === number);
  return inner ? { signal: inner[0] as NodeJS.Signals } : { status: status ?? 0 };
}
