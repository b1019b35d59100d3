import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { SystemClock, SystemRandom } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { cgroupRootsOf } from './cgroups.ts';
import { openSandboxes, type SandboxesOptions } from './open-sandboxes.ts';
import { lives } from './process-group.ts';
import type { Sandbox, SandboxExit, Sandboxes, SandboxPlan } from './sandbox.ts';

/** Real sandboxes for a test, under an owner of their own, in a directory that goes with them. */
export class SandboxesUnderTest implements AsyncDisposable {
  readonly sandboxes: Sandboxes;
  readonly directory: string;
  readonly ownerId: string;
  #plans = 0;

  private constructor(sandboxes: Sandboxes, directory: string, ownerId: string) {
    this.sandboxes = sandboxes;
    this.directory = directory;
    this.ownerId = ownerId;
  }

  static async open(options: Partial<SandboxesOptions> = {}): Promise<SandboxesUnderTest> {
    if (process.getuid?.() !== 0) throw new Error('the tests of sandboxes have to be run as root');
    const directory = await mkdtemp(path.join(tmpdir(), 'lambent-sandbox-'));
    const ownerId = options.ownerId ?? path.basename(directory).toLowerCase().replace('lambent-', '');
    try {
      const sandboxes = await openSandboxes({
        ownerId,
        runDirectory: path.join(directory, 'run'),
        wanted: 'confined',
        outbound: 'deny',
        clock: new SystemClock(),
        random: new SystemRandom(),
        logger: createLogger({ level: 'silent', service: 'test' }),
        ...options,
      });
      return new SandboxesUnderTest(sandboxes, directory, ownerId);
    } catch (error) {
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  plan(command: SandboxPlan['command'], changes: Partial<SandboxPlan> = {}): SandboxPlan {
    this.#plans += 1;
    return {
      id: `test-${this.#plans}`,
      command,
      environment: {},
      doorways: {},
      memoryMb: 256,
      ephemeralStorageMb: 16,
      processesMax: 64,
      ...changes,
      mounts: { [NODE]: process.execPath, ...changes.mounts },
    };
  }

  start(command: SandboxPlan['command'], changes: Partial<SandboxPlan> = {}): Promise<Sandbox> {
    return this.sandboxes.start(this.plan(command, changes));
  }

  /** Runs a program to its end. */
  async run(command: SandboxPlan['command'], changes: Partial<SandboxPlan> = {}): Promise<Ran> {
    await using sandbox = await this.start(command, changes);
    const [stdout, stderr] = await Promise.all([text(sandbox.stdout), text(sandbox.stderr)]);
    return { stdout, stderr, exit: await sandbox.exited };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sandboxes[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true });
  }
}

export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: SandboxExit;
}

/** Where Node.js is mounted. */
export const NODE = '/var/lang/bin/node';

/** A command that runs JavaScript inside. */
export function node(script: string): SandboxPlan['command'] {
  return [NODE, '-e', script];
}

/** A command that runs Python inside; it reaches system calls that Node.js does not. */
export function python(script: string): SandboxPlan['command'] {
  return ['/usr/bin/python3', '-c', script];
}

/** Python that forks for ever, and says so once there can be no more processes. */
export const FORK_BOMB = `import os
said = False
while True:
    try: os.fork()
    except OSError: said = said or os.write(1, b"full\\n")`;

/** A directory of code that every user may read. */
export async function codeDirectory(files: Readonly<Record<string, string>>): Promise<CodeDirectory> {
  const directory = await mkdtemp(path.join(tmpdir(), 'lambent-code-'));
  await chmod(directory, 0o755);
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(directory, name), content);
  return { path: directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

export interface CodeDirectory extends AsyncDisposable {
  readonly path: string;
}

/** How many processes of this machine live whose command line is `words`. */
export async function countProcesses(...words: string[]): Promise<number> {
  const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0 && lives(pid));
  const lines = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter(line => line === `${words.join('\0')}\0`).length;
}

/** The cgroups that an owner has below its roots. */
export async function cgroupsOf(ownerId: string): Promise<string[]> {
  const listed = (await cgroupRootsOf(ownerId)).map(async root =>
    (await readdir(root, { withFileTypes: true }).catch(() => []))
      .filter(entry => entry.isDirectory())
      .map(({ name }) => path.join(root, name)),
  );
  return (await Promise.all(listed)).flat();
}
