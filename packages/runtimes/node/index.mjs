/**
 * Lambent's own Node.js runtime: loads the function that `_HANDLER` names and serves it over the framed channel,
 * with the behaviour of AWS's own client for this version of Node.js.
 */
import { awaitAssignment } from './assignment.mjs';
import { callbackHandler } from './callback-handler.mjs';
import { openChannel } from './channel.mjs';
import { keepCompiled } from './compiled.mjs';
import { HAS_CALLBACKS } from './context.mjs';
import { handOverDoorways } from './doorways.mjs';
import { ExecWrapperUnsupported, UnhandledPromiseRejection } from './faults.mjs';
import { loadHandler } from './handler.mjs';
import { Invocations } from './invocations.mjs';
import { openLogs } from './logs.mjs';
import { returningHandler } from './returning-handler.mjs';
import { isStreaming, provideStreaming, streamingHandler } from './streaming-handler.mjs';

/** What AWS's client exits with. */
const EXIT_REJECTION = 128;
const EXIT_EXCEPTION = 129;

/** A module without anything in it. */
const NOTHING = 'data:text/javascript,';

void main();

async function main() {
  // No function takes this for the program it belongs to.
  process.mainModule = undefined;
  const isAhead = process.env.LAMBENT_AHEAD !== undefined;
  const wish = process.env.LAMBENT_COMPILED;
  await handOverDoorways();
  if (isAhead) {
    // The loader of modules is there before anybody waits for it.
    await import(NOTHING);
    awaitAssignment();
  }
  const handOverCompiled = keepCompiled(wish);

  let take;
  const channel = openChannel((head, payload) => take(head, payload));
  const logs = openLogs(channel, {
    isJson: process.env.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON',
    level: process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase(),
    noRequestId: HAS_CALLBACKS ? undefined : '-',
  });
  const invocations = new Invocations(channel, logs);
  process.on('exit', logs.flush);
  process.on('uncaughtException', error => {
    invocations.end('Uncaught Exception', error);
    process.exit(EXIT_EXCEPTION);
  });
  process.on('unhandledRejection', (reason, promise) => {
    invocations.end('Unhandled Promise Rejection', new UnhandledPromiseRejection(reason, promise));
    process.exit(EXIT_REJECTION);
  });

  try {
    take = await prepare(invocations);
  } catch (error) {
    invocations.end(HAS_CALLBACKS ? 'Uncaught Exception' : 'Init Error', error);
    process.exit(EXIT_EXCEPTION);
  }
  // A turn of the event loop later, so that a rejection which nobody handled while loading still fails the init.
  setImmediate(() => {
    handOverCompiled(channel);
    channel.next();
  });
}

async function prepare(invocations) {
  const { AWS_LAMBDA_EXEC_WRAPPER, LAMBDA_TASK_ROOT, _HANDLER } = process.env;
  if (AWS_LAMBDA_EXEC_WRAPPER)
    throw new ExecWrapperUnsupported('Lambent does not start a runtime through AWS_LAMBDA_EXEC_WRAPPER.');
  provideStreaming();
  const handler = await loadHandler(LAMBDA_TASK_ROOT, _HANDLER);
  if (isStreaming(handler)) return streamingHandler(handler, invocations);
  return HAS_CALLBACKS ? callbackHandler(handler, invocations) : returningHandler(handler, invocations);
}
