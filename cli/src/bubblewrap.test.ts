import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { provideBubblewrap } from './bubblewrap.ts';
import { openTerminal } from './terminal.ts';

const VERSION = 'echo "bubblewrap 0.8.0"';
/** Like the real ones: a package appears in the working directory; unpacking it makes the program. */
const APT_GET = 'case $1 in download) : > "$2.deb";; install) exit 1;; *) echo apt 2.6;; esac';
const DPKG = `/bin/mkdir -p "$3/usr/bin"
printf '#!/bin/sh\\n${VERSION}\\n' > "$3/usr/bin/bwrap"
/bin/chmod +x "$3/usr/bin/bwrap"`;

/** Runs it on a machine that has these programs and no others. */
async function provideOn(programs: Readonly<Record<string, string>>, t: { after: typeof test.after }) {
  const folder = await mkdtemp(join(tmpdir(), 'lambent-bubblewrap-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  const toolsDirectory = join(folder, 'tools');
  const stderr = new PassThrough({ encoding: 'utf8' });
  const terminal = openTerminal({ stdout: new PassThrough(), stderr });
  const provide = async () => {
    const env = await provideBubblewrap({ toolsDirectory, env: { PATH: folder }, terminal });
    return { bubblewrap: env['LAMBENT_BUBBLEWRAP'], said: String(stderr.read() ?? '') };
  };
  return { provide, unpacked: join(toolsDirectory, 'bubblewrap', 'usr', 'bin', 'bwrap') };
}

const skip = process.platform !== 'linux';

test('what is installed is used, without a word', { skip }, async t => {
  const { provide } = await provideOn({ bwrap: VERSION }, t);
  assert.deepEqual(await provide(), { bubblewrap: undefined, said: '' });
});

test('what is missing is fetched into the project once', { skip }, async t => {
  const { provide, unpacked } = await provideOn({ 'apt-get': APT_GET, dpkg: DPKG }, t);
  const fetched = await provide();
  assert.equal(fetched.bubblewrap, unpacked);
  assert.match(fetched.said, /fetching it, into this folder only/);
  assert.deepEqual(await provide(), { bubblewrap: unpacked, said: '' });
});

test('where it cannot be fetched that is said, and it goes on', { skip }, async t => {
  const { provide } = await provideOn(
    { 'apt-get': 'test $1 = --version && echo apt 2.6 && exit; echo "no network" >&2; exit 100' },
    t,
  );
  const { bubblewrap, said } = await provide();
  assert.equal(bubblewrap, undefined);
  assert.match(said, /could not be fetched \(no network\); going on without it/);
});

test('where there is no apt-get that is said, and it goes on', { skip }, async t => {
  const { provide } = await provideOn({}, t);
  assert.match((await provide()).said, /no apt-get here/);
});
