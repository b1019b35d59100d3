import { realpath, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fail, isFailure } from '@lambent/core';
import { DirectoryLock } from '@lambent/worker/keeper';
import { openDataDirectory } from './data-directory.ts';

/** So many may try out the machine at once; each takes seconds. */
const DOCTORS_MAX = 8;
/** What group and others may do. */
const OTHERS = 0o077;

export interface DoctorDirectory extends Disposable {
  readonly directory: string;
}

/**
 * A directory for trying sandboxes in, this user's and nobody else's until disposed. It stays, and is the same ones
 * again and again: whoever has it next removes what one that was killed has left.
 */
export async function takeDoctorDirectory(parent: string = tmpdir()): Promise<DoctorDirectory> {
  const { uid } = userInfo();
  let busy: unknown;
  for (let place = 1; place <= DOCTORS_MAX; place += 1) {
    const wanted = join(await realpath(parent), `lambent-doctor-${uid}-${place}`);
    const directory = await openDataDirectory(wanted);
    // A link leads elsewhere.
    if (directory !== wanted || !(await isOwn(directory, uid)))
      throw fail('config-invalid', { name: 'TMPDIR', detail: `${wanted} is somebody else's` });
    try {
      const lock = DirectoryLock.take(directory);
      return { directory, [Symbol.dispose]: () => lock[Symbol.dispose]() };
    } catch (error) {
      if (!isFailure(error, 'data-locked')) throw error;
      busy = error;
    }
  }
  throw busy;
}

/** What is noted in it is removed without asking: nobody else may have made it, in a place where everybody may. */
async function isOwn(directory: string, uid: number): Promise<boolean> {
  const found = await stat(directory);
  return found.uid === uid && (found.mode & OTHERS) === 0;
}
