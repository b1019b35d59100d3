import path from 'node:path';
import { TEST_TOOLS } from '@lambent/testing';
import { makeOnce } from './made-once.ts';

const REQUIREMENTS = 'scripts/test-tools/requirements.txt';

/** boto3 and PyPI's AWS CLI, in a virtual environment of the project's own. */
export async function providePythonClients(): Promise<void> {
  await makeOnce({
    name: 'python',
    sources: [REQUIREMENTS],
    commands: [
      { command: ['python3', '-m', 'venv', '--clear', path.join(TEST_TOOLS.cache, 'python')] },
      {
        command: [
          TEST_TOOLS.python,
          '-m',
          'pip',
          'install',
          '--quiet',
          '--no-deps',
          '--requirement',
          REQUIREMENTS,
        ],
      },
    ],
  });
}
