#!/usr/bin/env node
// Plain JavaScript that an old Node can read too: Lambent itself is TypeScript run as it is, which takes a new one.
// The project's own packages bring it, so an old Node only has to hand over.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/main.ts', import.meta.url);

if (isNewEnough(process.versions.node)) await import(main.href);
else handOver();

/** As "engines" in package.json says. */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 24 && minor >= 12) || major >= 26;
}

function handOver() {
  const node = bundledNode(dirname(fileURLToPath(import.meta.url)));
  if (node === undefined) {
    process.stderr.write(
      `lambent needs Node.js 24.12 or newer and this is ${process.versions.node}.\n` +
        'Run `npm ci` where Lambent is installed, which brings the right one, or install Node.js 24.\n',
    );
    process.exitCode = 78;
    return;
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well, and a second one would mean "at once": only wait for it.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** The Node that npm put beside the other programs of this project, here or in a folder above. */
function bundledNode(from) {
  const node = join(from, 'node_modules', '.bin', 'node');
  if (existsSync(node)) return node;
  return dirname(from) === from ? undefined : bundledNode(dirname(from));
}
