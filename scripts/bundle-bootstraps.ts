import path from 'node:path';
import { build } from 'esbuild';
import { repository } from './command.ts';

/** Where the bootstraps of Node.js lie, each one file. */
export const BUNDLES = 'packages/runtimes/gen/node';
const SOURCES = 'packages/runtimes/node';
const ENTRIES = ['index', 'custom'];
/** The oldest that they run on. */
const TARGET = 'node20';

/**
 * Makes one CommonJS file of each bootstrap: started as modules of their own they cost ten milliseconds and four
 * megabytes in every environment. Rejects when a source cannot be read.
 */
export async function bundleBootstraps(folder: string): Promise<void> {
  await build({
    absWorkingDir: repository,
    entryPoints: ENTRIES.map(name => `${SOURCES}/${name}.mjs`),
    outdir: path.join(folder, BUNDLES),
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: TARGET,
    charset: 'utf8',
    logLevel: 'error',
  });
}

if (import.meta.main) await bundleBootstraps(repository);
