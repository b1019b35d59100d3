import { breachesByLine, isFixture, isTest, type Rule } from './rule.ts';

const CODE = /\.(ts|mjs|js|py|go|rs|sh)$/;
/** Assembled here, so that this file does not name what it forbids. */
const UNFINISHED = new RegExp(
  `\\b(${['FIX', 'ME'].join('')}|X{3})\\b|\\b${['TO', 'DO'].join('')}\\b(?!.*#\\d)`,
);
const LEFT_OUT = new RegExp(
  `\\b(test|it|describe|suite)\\.(${['sk', 'ip'].join('')}|${['on', 'ly'].join('')})\\(`,
);

/** What is unfinished has a number under which somebody finishes it. */
export const unfinished: Rule = files =>
  files
    .filter(file => CODE.test(file.path))
    .flatMap(file => breachesByLine(file, UNFINISHED, found => `${found} without an issue's number`));

/** A test runs or does not exist. A condition of the machine goes into the test's options, with its reason. */
export const leftOutTests: Rule = files =>
  files
    .filter(file => isTest(file) && !isFixture(file))
    .flatMap(file => breachesByLine(file, LEFT_OUT, found => `${found}…) leaves tests out`));
