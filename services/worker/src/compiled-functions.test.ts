/** What runtimes compile, in real sandboxes: the second environment of a function reads what the first compiled. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type Files, waitFor } from '@lambent/testing';
import { json, openRealWorker, type RealWorker } from './real-worker.ts';

let worker: RealWorker;
before(async () => {
  worker = await openRealWorker();
});
after(() => worker[Symbol.asyncDispose]());

/** Many functions, each unlike the others, so that their package is not small and compiling them comes to something. */
const MANY = Array.from({ length: 2_000 }, (_, index) =>
  createHash('sha256').update(`${index}`).digest('hex'),
);
const SIGHT = '/var/compiled';

async function seenAfter(files: Files, handler: string, runtime: string): Promise<Record<string, unknown>> {
  const spec = await worker.deploy(files, { handler, runtime, timeoutMs: 10_000 });
  const first = json(await worker.invoke(spec, '{}'));
  assert.deepEqual([first['left'], first['told']], [false, false], 'nothing of the handing over is left');
  return waitFor('an environment that reads what another one compiled', async () => {
    worker.retire(spec);
    const seen = json(await worker.invoke(spec, '{}'));
    return seen['read'] === true && seen;
  });
}

test('Node.js reads what was compiled before', async () => {
  const module = MANY.map(name => `exports.f${name} = function () { return '${name}' + this.x; };`);
  const seen = await seenAfter(
    {
      'index.cjs': `const { existsSync, realpathSync } = require('node:fs');
const { getCompileCacheDir } = require('node:module');
const read = realpathSync(getCompileCacheDir()).startsWith('${SIGHT}');
require('./many.cjs');
exports.handler = async () => ({
  read,
  left: existsSync('/tmp/.lambent-compiled'),
  told: Object.keys(process.env).some(name => name.startsWith('LAMBENT_')),
});`,
      'many.cjs': module.map((line, index) => `${line} exports.f${MANY[index]}.call({ x: 1 });`).join('\n'),
    },
    'index.handler',
    'nodejs24.x',
  );
  assert.equal(seen['left'], false);
});

test('Python reads what was compiled before', async () => {
  const runtime = [...worker.runtimeNames].find(name => name.startsWith('python'));
  assert.ok(runtime);
  const seen = await seenAfter(
    {
      'app.py': `import os
import many
def handler(event, context):
    return {
        "read": (many.__cached__ or "").startswith("${SIGHT}") and os.path.exists(many.__cached__),
        "left": os.path.exists("/tmp/.lambent-compiled"),
        "told": any(name.startswith("LAMBENT_") for name in os.environ),
    }
`,
      'many.py': MANY.map(name => `def f${name}(x):\n    return x + "${name}"\n`).join(''),
    },
    'app.handler',
    runtime,
  );
  assert.equal(seen['left'], false);
});
