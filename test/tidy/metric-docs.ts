import { isProduction, type Rule } from './rule.ts';

const LIST = 'docs/operations.md';
const ALARMS = 'docs/failures.md';
/** A metric where it is made; a part of its name may follow from a state. */
const MADE = /\.(counter|histogram|gauge)\(\s*(['`])(lambent_[a-z_]+(?:\$\{\w+\})?)\2/g;
const NAMED = /lambent_[a-z_]+/g;

/** Every metric is in the pages for operators by the name that it is collected under, and no other is. */
export const metricDocs: Rule = files => {
  const made = files.filter(isProduction).flatMap(({ text }) => [...text.matchAll(MADE)].map(collectedName));
  const named = files
    .filter(({ path }) => path === LIST || path === ALARMS)
    .flatMap(({ path, text }) => (text.match(NAMED) ?? []).map(name => ({ path, name })));
  return [
    ...named
      .filter(({ name }) => !made.some(({ is }) => is(name)))
      .map(({ path, name }) => `${path}: ${name} is no metric`),
    ...made
      .filter(({ is }) => !named.some(({ path, name }) => path === LIST && is(name)))
      .map(({ name }) => `${LIST}: ${name} is not listed`),
  ];
};

function collectedName([, kind, , name = '']: RegExpExecArray) {
  const [stem = '', state] = name.split('$');
  const collected = kind === 'counter' ? `${stem}_total` : stem;
  return {
    name: collected,
    is: (other: string) => (state === undefined ? other === collected : other.startsWith(stem)),
  };
}
