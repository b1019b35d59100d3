import { existsSync } from 'node:fs';
import { copyFile, mkdir, readlink, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** AWS's name for the user that functions run as. */
const USER = 'sbx_user1051';

/** Public tables that programs look things up in; nothing of them tells about the host. */
const COPIED = ['ld.so.cache', 'services', 'protocols', 'mime.types'];

/** Directories of the host's /etc that hold only what every distribution ships: certificates and links to programs. */
const BOUND = ['ssl/certs', 'pki/tls/certs', 'pki/ca-trust/extracted', 'crypto-policies', 'alternatives'];

const FILES: Readonly<Record<string, string>> = {
  hosts: '127.0.0.1 localhost sandbox.localdomain sandbox\n::1 localhost\n',
  'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n',
  hostname: 'sandbox\n',
  // Each sandbox's own are mounted on these two.
  passwd: '',
  group: '',
};

/** The `/etc` of all sandboxes of one owner. */
export interface InsideEtc {
  readonly directory: string;
  /** Host directories to mount inside it, at the same paths. */
  readonly bound: readonly string[];
}

/** Writes it below `parent`, anew. Without `nameservers` there is no resolv.conf, and names other than localhost fail. */
export async function writeInsideEtc(parent: string, nameservers: readonly string[]): Promise<InsideEtc> {
  const directory = path.join(parent, 'etc');
  await mkdir(directory, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(FILES)) await writeFile(path.join(directory, name), text);
  if (nameservers.length > 0) {
    const text = nameservers.map(address => `nameserver ${address}\n`).join('');
    await writeFile(path.join(directory, 'resolv.conf'), text);
  }
  await symlink('/usr/share/zoneinfo/UTC', path.join(directory, 'localtime'));
  for (const name of COPIED.filter(isInHostEtc)) {
    await copyFile(path.join('/etc', name), path.join(directory, name));
  }
  const bound = BOUND.filter(isInHostEtc);
  for (const name of bound) await mkdir(path.join(directory, name), { recursive: true });
  return { directory, bound: bound.map(name => path.join('/etc', name)) };
}

const isInHostEtc = (name: string) => existsSync(path.join('/etc', name));

/** The two files that name a sandbox's user. They are the same whenever an id is used again. */
export async function writeUserFiles(parent: string, userId: number): Promise<UserFiles> {
  const directory = path.join(parent, String(userId));
  const files = { passwd: path.join(directory, 'passwd'), group: path.join(directory, 'group') };
  if (existsSync(files.group)) return files;
  await mkdir(directory, { recursive: true });
  await writeFile(files.passwd, `${USER}:x:${userId}:${userId}::/tmp:/sbin/nologin\n`, { mode: 0o644 });
  await writeFile(files.group, `${USER}:x:${userId}:\n`, { mode: 0o644 });
  return files;
}

export interface UserFiles {
  readonly passwd: string;
  readonly group: string;
}

/** Where programs and libraries are looked for besides `/usr`: most distributions have only links into it. */
const SYSTEM_DIRECTORIES = ['/bin', '/sbin', '/lib', '/lib32', '/lib64'];

/** Each that the host has → where its link leads, or undefined where it is a directory of its own. */
export async function readSystemDirectories(): Promise<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = {};
  for (const directory of SYSTEM_DIRECTORIES.filter(directory => existsSync(directory))) {
    found[directory] = await readlink(directory).catch(() => undefined);
  }
  return found;
}
