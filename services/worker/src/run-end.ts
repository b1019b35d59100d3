import { type Outcome, RESTORE_ERRORS } from '@lambent/core';
import type { RuntimeAnswer } from '@lambent/runtimes';
import type { SandboxExit } from '@lambent/sandbox';

/** How a run, or an init, came to its end. */
export type RunEnd =
  | { readonly kind: 'answer'; readonly answer: RuntimeAnswer }
  | { readonly kind: 'timeout'; readonly timeoutMs: number }
  | { readonly kind: 'exit'; readonly exit: SandboxExit }
  | InitEnd
  | RestoreEnd;

/** How an init failed. Leaving before it was ready, or taking too long, are ends of a run too. */
export type InitEnd =
  | { readonly kind: 'init-error'; readonly errorType: string; readonly payload: Uint8Array }
  /** The package of a `provided` runtime holds no program. */
  | { readonly kind: 'no-entrypoint' };

/** How restoring failed, other than by the runtime's leaving. */
export type RestoreEnd =
  | { readonly kind: 'restore-error'; readonly payload: Uint8Array }
  | { readonly kind: 'restore-timeout' };

/** What the caller is told, with AWS's types and texts. */
export function outcomeOf(end: RunEnd, requestId: string): Outcome {
  switch (end.kind) {
    case 'answer':
      return outcomeOfAnswer(end.answer);
    case 'init-error':
      return { kind: 'unhandled', errorType: end.errorType, payload: end.payload };
    case 'restore-error':
      return { kind: 'unhandled', errorType: RESTORE_ERRORS.failed, payload: end.payload };
    case 'restore-timeout': {
      const errorType = RESTORE_ERRORS.timedOut;
      const message = "Lambda couldn't restore the snapshot within the timeout limit.";
      return { kind: 'unhandled', errorType, payload: document(errorType, requestId, message) };
    }
    case 'timeout': {
      const errorType = 'Sandbox.Timedout';
      const seconds = (end.timeoutMs / 1_000).toFixed(2);
      const payload = document(errorType, requestId, `Task timed out after ${seconds} seconds`);
      return { kind: 'timeout', errorType, payload };
    }
    case 'no-entrypoint': {
      const errorType = 'Runtime.InvalidEntrypoint';
      return { kind: 'unhandled', errorType, payload: document(errorType, requestId, NO_BOOTSTRAP) };
    }
    case 'exit': {
      const message = exitMessage(end.exit);
      if (end.exit.outOfMemory) {
        const errorType = 'Runtime.OutOfMemory';
        return { kind: 'out-of-memory', errorType, payload: document(errorType, requestId, message) };
      }
      const errorType = 'Runtime.ExitError';
      return { kind: 'unhandled', errorType, payload: document(errorType, requestId, message) };
    }
  }
}

/** In the words of the process status as Go prints it, since that is what AWS prints. */
export function exitMessage(exit: SandboxExit): string {
  if (exit.outOfMemory) return 'Runtime exited with error: signal: killed';
  if (exit.signal !== undefined)
    return `Runtime exited with error: signal: ${SIGNAL_NAMES[exit.signal] ?? exit.signal}`;
  if (exit.status === 0) return 'Runtime exited without providing a reason';
  return `Runtime exited with error: exit status ${exit.status}`;
}

function outcomeOfAnswer(answer: RuntimeAnswer): Outcome {
  switch (answer.kind) {
    case 'response':
      return { kind: 'ok', payload: answer.payload };
    case 'error':
      return { kind: 'handled', errorType: answer.errorType, payload: answer.payload };
    case 'too-large': {
      const errorType = 'Function.ResponseSizeTooLarge';
      const errorMessage = `Response payload size exceeded maximum allowed payload size (${answer.max} bytes).`;
      return {
        kind: 'unhandled',
        errorType,
        payload: Buffer.from(JSON.stringify({ errorType, errorMessage })),
      };
    }
  }
}

function document(errorType: string, requestId: string, message: string): Uint8Array {
  const errorMessage = `RequestId: ${requestId} Error: ${message}`;
  return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}

const NO_BOOTSTRAP = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";

const SIGNAL_NAMES: Partial<Record<NodeJS.Signals, string>> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGHUP: 'hangup',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGQUIT: 'quit',
  SIGSEGV: 'segmentation fault',
  SIGSYS: 'bad system call',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
};
