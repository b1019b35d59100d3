/** The form of an error type that AWS keeps; anything else is recorded as unknown. */
const KNOWN = /^(Runtime|Function)\.[A-Z][a-zA-Z]+$/;

/** What is recorded for the error type a runtime gave: itself when it has AWS's form, else `fallback`. */
export function recordedErrorType(given: string, fallback: 'Runtime.Unknown' | 'Function.Unknown'): string {
  return KNOWN.test(given) ? given : fallback;
}
