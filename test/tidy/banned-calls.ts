import { breachesByLine, isProduction, type Rule } from './rule.ts';

interface Ban {
  readonly call: RegExp;
  readonly instead: string;
}

const BANS: readonly Ban[] = [
  { call: /\bDate\.now\(|\bnew Date\(\)/, instead: 'ask the Clock: nowMs()' },
  { call: /\bperformance\.now\(|\bprocess\.hrtime\b/, instead: 'ask the Clock: monotonicMs()' },
  { call: /(?<![.\w])set(Timeout|Interval)\(/, instead: 'ask the Clock: setTimer(), or sleep()' },
  { call: /\bMath\.random\(/, instead: 'ask the Random: fraction()' },
  { call: /\brandom(UUID|Bytes|Int)\(/, instead: 'ask the Random: uuid() or bytes()' },
  { call: /\bAbortSignal\.(any|timeout)\(/, instead: 'make a Deadline, which takes its timer back' },
];

/** The adapters that the bans lead to. */
const ADAPTERS = new Set(['packages/core/src/system-clock.ts', 'packages/core/src/system-random.ts']);
const COMMENT = /^\s*(\/\/|\/?\*)/;

/** Time and randomness are handed in, so that a test can hold them still. */
export const bannedCalls: Rule = files =>
  files
    .filter(file => isProduction(file) && !ADAPTERS.has(file.path))
    .map(file => ({ ...file, text: withoutComments(file.text) }))
    .flatMap(file =>
      BANS.flatMap(({ call, instead }) =>
        breachesByLine(file, call, found => `${found} is banned; ${instead}`),
      ),
    );

/** Keeps every line, so that breaches are told by the right number. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .map(line => (COMMENT.test(line) ? '' : line))
    .join('\n');
}
