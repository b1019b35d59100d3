/**
 * What a function's run ended in. A value, never thrown: the platform worked, whatever the function did.
 *
 * `payload` is what the caller gets as the body, byte for byte. `errorType` is AWS's (`Runtime.ExitError`,
 * `Sandbox.Timedout`, `Function.ResponseSizeTooLarge` …) or what the function named its own error.
 */
export type Outcome =
  | { readonly kind: 'ok'; readonly payload: Uint8Array }
  | { readonly kind: 'handled'; readonly errorType: string; readonly payload: Uint8Array }
  | { readonly kind: 'unhandled'; readonly errorType: string; readonly payload: Uint8Array }
  | { readonly kind: 'timeout'; readonly errorType: 'Sandbox.Timedout'; readonly payload: Uint8Array }
  | {
      readonly kind: 'out-of-memory';
      readonly errorType: 'Runtime.OutOfMemory';
      readonly payload: Uint8Array;
    };

/** Error types of runs that did not begin, since what the function does when it is restored did not end well. */
export const RESTORE_ERRORS = {
  failed: 'Runtime.AfterRestoreError',
  timedOut: 'Sandbox.RestoreTimedout',
} as const;

export type OutcomeKind = Outcome['kind'];
