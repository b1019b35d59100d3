import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { diskTrouble } from './disk-room.ts';

test('a disk that is all but full is a trouble; one with room, or a directory that is not there, is none', async () => {
  const url = JSON.stringify(import.meta.resolve('./disk-room.ts'));
  const source = `import { diskTrouble } from ${url}; console.log(await diskTrouble(process.env.DISK));`;
  // A mount of its own, gone with the process, on a directory that hides nothing.
  const disk = await mkdtemp(join(tmpdir(), 'lambent-disk-'));
  const script = 'mount -t tmpfs -o size=8m tmpfs "$DISK" && exec "$NODE" --input-type=module -e "$SOURCE"';
  const { stdout } = await promisify(execFile)(
    'unshare',
    ['--user', '--map-root-user', '--mount', 'sh', '-c', script],
    {
      env: { ...process.env, DISK: disk, NODE: process.execPath, SOURCE: source },
    },
  );
  await rmdir(disk);
  assert.match(stdout, /^its disk has 8 MB left/);
  assert.equal(await diskTrouble('/not-there'), undefined);
  assert.equal(await diskTrouble(import.meta.dirname), undefined);
});
