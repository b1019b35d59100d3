import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { isFailure, SystemClock } from '@lambent/core';
import { createAuthority } from './authority.ts';
import { readAuthority, writeAuthority } from './authority-directory.ts';

const clock = new SystemClock();
const parent = await mkdtemp(path.join(tmpdir(), 'lambent-authority-'));
after(() => rm(parent, { recursive: true }));

test('an authority is read as it was written, and is never replaced', async () => {
  const directory = path.join(parent, 'kept');
  const authority = await createAuthority({ clock, name: 'lambent' });
  await writeAuthority(directory, authority);
  const other = await createAuthority({ clock, name: 'other' });
  await assert.rejects(writeAuthority(directory, other), error => isFailure(error, 'certificate-invalid'));
  assert.deepEqual(await readAuthority(directory, { clock }), authority);
});

test('only its owner can read its key', async () => {
  const directory = path.join(parent, 'secret');
  await writeAuthority(directory, await createAuthority({ clock, name: 'lambent' }));
  assert.equal((await stat(path.join(directory, 'ca-key.pem'))).mode & 0o777, 0o600);
});

test('an authority with the key of another is refused', async () => {
  const directory = path.join(parent, 'mixed');
  await writeAuthority(directory, await createAuthority({ clock, name: 'lambent' }));
  const { privateKey } = await createAuthority({ clock, name: 'lambent' });
  await writeFile(path.join(directory, 'ca-key.pem'), privateKey);
  await assert.rejects(readAuthority(directory, { clock }), error => isFailure(error, 'certificate-invalid'));
});
