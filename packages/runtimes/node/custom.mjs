/**
 * Starts a function that brings its own runtime: hands over the doorways and becomes its `bootstrap`. Where that
 * cannot be, it says so on the Runtime API, as the runtime itself would.
 */
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { request } from 'node:http';
import { handOverDoorways } from './doorways.mjs';

const BOOTSTRAPS = [`${process.env.LAMBDA_TASK_ROOT}/bootstrap`, '/opt/bootstrap'];
/** The machine of an ELF file, by the name Node.js has for it. */
const ELF_MACHINES = { x64: 62, arm64: 183 };
const ELF_MACHINE_AT = 18;

await handOverDoorways();
const bootstrap = BOOTSTRAPS.find(isThere);
const problem = bootstrap
  ? findProblem(bootstrap)
  : `Couldn't find valid bootstrap(s): [${BOOTSTRAPS.join(' ')}]`;
if (problem === undefined) process.execve(bootstrap, [bootstrap], process.env);
await reportInitError({ errorType: 'Runtime.InvalidEntrypoint', errorMessage: problem });
process.exit(1);

function isThere(path) {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Why the kernel would refuse to run it; a refused `execve` could no longer tell. */
function findProblem(path) {
  try {
    accessSync(path, constants.X_OK);
    const start = readStart(path);
    const isElf = start.toString('latin1', 0, 4) === '\x7fELF';
    const runsHere = isElf
      ? start.readUInt16LE(ELF_MACHINE_AT) === ELF_MACHINES[process.arch]
      : start.toString('latin1', 0, 2) === '#!';
    return runsHere ? undefined : `fork/exec ${path}: exec format error`;
  } catch (error) {
    return `fork/exec ${path}: ${error.code === 'EACCES' ? 'permission denied' : error.message}`;
  }
}

function readStart(path) {
  const start = Buffer.alloc(ELF_MACHINE_AT + 2);
  const file = openSync(path);
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start;
}

function reportInitError(document) {
  return new Promise((resolve, reject) => {
    const post = request(
      `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/init/error`,
      {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'Lambda-Runtime-Function-Error-Type': document.errorType,
        },
      },
      response => response.resume().once('end', resolve),
    );
    post.once('error', reject);
    post.end(JSON.stringify(document));
  });
}
