import { isFixture, isTest, type Rule } from './rule.ts';

/** Where reading a file stops being one sitting. Tests are lists of cases and may go on. */
const LINES_MAX = 400;
/** Names that say nothing, so that anything ends up behind them. A type lives with its noun. */
const NAMES_OF_BINS = /(^|\/)(utils?|common|helpers?|types|interfaces|lib|misc|shared)(\.ts|\/)/;

export const fileLength: Rule = files =>
  files
    .filter(file => file.path.endsWith('.ts') && !isTest(file) && !isFixture(file))
    .map(file => ({ path: file.path, lines: file.text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path}: ${lines} lines; at most ${LINES_MAX}: it holds more than one noun`);

export const fileNames: Rule = files =>
  files
    .filter(file => file.path.endsWith('.ts') && !isFixture(file) && NAMES_OF_BINS.test(file.path))
    .map(file => `${file.path}: a name for anything; name the one noun it holds`);
