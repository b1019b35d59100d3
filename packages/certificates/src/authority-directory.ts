import { access } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, fail } from '@lambent/core';
import type { Authority } from './authority.ts';
import { checkKey, checkTime, readCertificateFile, readKeyFile } from './certificate-file.ts';
import { replaceFiles } from './replace-files.ts';

const CA_FILE = 'ca.pem';
const CA_KEY_FILE = 'ca-key.pem';

/** Writes an authority into a directory of its own. One that is there already is not replaced: no member would trust the new one. */
export async function writeAuthority(directory: string, authority: Authority): Promise<void> {
  const file = path.join(directory, CA_KEY_FILE);
  if (await exists(file))
    throw fail('certificate-invalid', { file, detail: 'an authority is there already and is kept' });
  await replaceFiles(directory, [
    { name: CA_FILE, text: authority.ca, secret: false },
    { name: CA_KEY_FILE, text: authority.privateKey, secret: true },
  ]);
}

/** Rejects with `certificate-invalid` when nothing could be issued with what is there. */
export async function readAuthority(directory: string, options: { clock: Clock }): Promise<Authority> {
  const [caFile, keyFile] = [path.join(directory, CA_FILE), path.join(directory, CA_KEY_FILE)];
  const ca = await readCertificateFile(caFile);
  const key = await readKeyFile(keyFile);
  checkKey(keyFile, key.value, ca.value);
  checkTime(caFile, ca.value, options.clock);
  return { ca: ca.text, privateKey: key.text };
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
