import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import module from 'node:module';
import { join, relative } from 'node:path';

/** Where Node.js keeps what it compiled, or finds it, until the function is loaded. */
const OWN_DIRECTORY = '/tmp/.lambent-compiled';
const TAKE = 'take';

/**
 * What Node.js compiled of the function while it loaded: read from a directory that an earlier environment's is kept
 * in, or kept to be handed over, as the worker says. Gives back how to hand it over.
 */
export function keepCompiled(wish = process.env.LAMBENT_COMPILED) {
  delete process.env.LAMBENT_COMPILED;
  // Older versions have no such cache; a function that has one of its own is left alone.
  if (!wish || !module.flushCompileCache || module.getCompileCacheDir()) return () => {};
  try {
    if (wish !== TAKE) pretendOwn(wish);
    module.enableCompileCache(OWN_DIRECTORY);
  } catch {
    // Then it compiles.
  }
  return wish === TAKE ? handOver : remove;
}

/** Node.js looks in a folder whose name ends in its own user's id, which no other environment has. */
function pretendOwn(kept) {
  mkdirSync(OWN_DIRECTORY);
  for (const folder of readdirSync(kept))
    symlinkSync(join(kept, folder), join(OWN_DIRECTORY, folder.replace(/\d+$/, process.getuid())));
}

function handOver(channel) {
  try {
    module.flushCompileCache();
    for (const file of readdirSync(OWN_DIRECTORY, { recursive: true, withFileTypes: true })) {
      const path = join(file.parentPath, file.name);
      if (file.isFile()) channel.compiled(relative(OWN_DIRECTORY, path), readFileSync(path));
    }
    channel.compiled('', Buffer.alloc(0));
  } catch {
    // Without it the next environment compiles anew, as this one did.
  }
  remove();
}

function remove() {
  rmSync(OWN_DIRECTORY, { recursive: true, force: true });
}
