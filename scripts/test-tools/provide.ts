import { provideEngines } from '@lambent/engines';
import { TEST_TOOLS } from '@lambent/testing';
import { buildBootstraps } from './bootstraps.ts';
import { provideDebianPackages } from './debian-packages.ts';
import { tell } from './progress.ts';
import { providePythonClients } from './python-clients.ts';

/** Fetches what is missing of the tools that the tests of the whole need; a second run finds everything there. */
export async function provideTools(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new Error(
      `Functions can be confined on Linux only, and this is ${process.platform}. "npm run test:quick" runs what can ` +
        'be tested here; for the rest run "npm test" on a Linux machine or in a virtual one.',
    );
  }
  await provideDebianPackages();
  await provideEngines({ toolsDirectory: TEST_TOOLS.cache, env: process.env, tell });
  await providePythonClients();
  await buildBootstraps();
}
