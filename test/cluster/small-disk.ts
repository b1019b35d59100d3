import { execFile } from 'node:child_process';
import { mkdtemp, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk that a test can fill: a file system in memory, mounted on a fresh folder until it is disposed of. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;

  private constructor(folder: string) {
    this.path = folder;
  }

  static async mount(bytes: number): Promise<SmallDisk> {
    const folder = await mkdtemp(path.join(tmpdir(), 'lambent-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  /** Takes all of it but so much, until `free`. */
  async fill(leaveBytes: number): Promise<void> {
    await this.free();
    const { bavail, bsize } = await statfs(this.path);
    const bytes = Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes));
    await writeFile(this.#filler, bytes).catch((error: NodeJS.ErrnoException) => {
      // Somebody else took some of it meanwhile: it is full.
      if (error.code !== 'ENOSPC') throw error;
    });
  }

  async free(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Whoever has a file open on it ends a moment later; the folder is free at once.
    await run('umount', ['--lazy', this.path]);
    await rmdir(this.path);
  }

  get #filler(): string {
    return path.join(this.path, 'filler');
  }
}
