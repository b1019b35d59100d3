import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Debian's archive, under whatever host: not that of a derivative, nor of security updates alone. */
const DEBIAN = /\/debian(\.list)?\/?$/;

/** Where this machine fetches Debian's packages from; undefined where it does not. */
export async function findDebianMirror(aptDirectory = '/etc/apt'): Promise<string | undefined> {
  const parts = join(aptDirectory, 'sources.list.d');
  const names = await readdir(parts).catch(() => []);
  for (const file of [join(aptDirectory, 'sources.list'), ...names.sort().map(name => join(parts, name))]) {
    const text = await readFile(file, 'utf8').catch(() => '');
    const mirror = urisOf(text, file.endsWith('.sources')).find(uri => DEBIAN.test(uri));
    if (mirror !== undefined) return mirror;
  }
  return undefined;
}

/** Both ways apt has of writing a source: `deb [options] URI suite components`, and fields of which one is `URIs`. */
function urisOf(text: string, fields: boolean): string[] {
  const line = fields ? /^URIs:\s*(.+)$/gm : /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/gm;
  return [...text.matchAll(line)].flatMap(match => (match[1] ?? '').trim().split(/\s+/));
}
