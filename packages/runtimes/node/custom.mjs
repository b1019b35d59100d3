/**
 * Starts a function that brings its own runtime: hands over the doorways and becomes its `bootstrap`. Where that
 * cannot be, it says so on the Runtime API, as the runtime itself would.
 */
import { accessSync } from 'node:fs';
import { request } from 'node:http';
import { awaitAssignment } from './assignment.mjs';
import { handOverDoorways } from './doorways.mjs';
import { findRefusal } from './executable.mjs';

void main();

async function main() {
  const isAhead = process.env.LAMBENT_AHEAD !== undefined;
  await handOverDoorways();
  if (isAhead) awaitAssignment();
  const bootstraps = [`${process.env.LAMBDA_TASK_ROOT}/bootstrap`, '/opt/bootstrap'];
  const bootstrap = bootstraps.find(isThere);
  const problem = bootstrap
    ? findProblem(bootstrap)
    : `Couldn't find valid bootstrap(s): [${bootstraps.join(' ')}]`;
  if (problem === undefined) process.execve(bootstrap, [bootstrap], process.env);
  await reportInitError({ errorType: 'Runtime.InvalidEntrypoint', errorMessage: problem });
  process.exit(1);
}

function isThere(path) {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

function findProblem(path) {
  const refusal = findRefusal(path);
  return refusal && `fork/exec ${path}: ${refusal}`;
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
