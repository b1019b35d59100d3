/** What one call came to, as its caller saw it. */
export type Outcome =
  /** The right answer; `cold` where an environment was started for it. */
  | { readonly kind: 'ok'; readonly cold: boolean }
  /** Refused by a limit. */
  | { readonly kind: 'throttled' }
  /** The function ran and failed. */
  | { readonly kind: 'failed'; readonly error: string }
  /** It did not run, or nobody knows; or the answer is not the one that this event gives. */
  | { readonly kind: 'error'; readonly error: string };

/** What a function answered, with the tail of its log where that was asked for. */
export interface Answer {
  readonly payload: Uint8Array;
  readonly logTail?: string | undefined;
}

/** Judges what came back as a success: a fast wrong answer is no measurement. */
export type Judge = (answer: Answer) => Outcome;

export const WRONG_ANSWER: Outcome = { kind: 'error', error: 'WrongAnswer' };
const WARM: Outcome = { kind: 'ok', cold: false };
const COLD: Outcome = { kind: 'ok', cold: true };
const COLD_MEMBER = ',"cold":true}';

/**
 * For floors and the harness's own functions, which give the event back as it was; the first answer of an environment
 * has one more member, `cold`. `event` is an object in the form that JSON.stringify gives.
 */
export function expectEcho(event: Uint8Array): Judge {
  const warm = Buffer.from(event);
  const cold = Buffer.from(warm.toString().replace(/\}$/, warm.length > 2 ? COLD_MEMBER : '"cold":true}'));
  return ({ payload }) => {
    if (warm.equals(payload)) return WARM;
    return cold.equals(payload) ? COLD : WRONG_ANSWER;
  };
}

/** For functions of somebody else's: any answer is right, and its log says whether it was cold, as AWS's does. */
export const acceptAny: Judge = ({ logTail }) => (logTail?.includes('Init Duration:') ? COLD : WARM);

/** For events left behind: accepted is all there is. */
export const acceptEvent: Judge = () => WARM;
