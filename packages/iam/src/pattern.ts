/**
 * IAM's patterns: `*` is any text, `?` any one character, and `${key}` the request's own value of that key, in which
 * both stand for themselves. Matching takes no longer than the two lengths multiplied, whatever the pattern.
 */
export type Pattern = readonly Token[];

type Token =
  | { readonly kind: 'any' }
  | { readonly kind: 'one' }
  | { readonly kind: 'is'; readonly char: string };

const ANY: Token = { kind: 'any' };
const ONE: Token = { kind: 'one' };
const VARIABLE = /\$\{([^}]*)\}/g;

/** What a variable stands for in this request; undefined: nothing, and then the pattern matches nothing. */
export type Variables = (name: string) => string | undefined;

export const NO_VARIABLES: Variables = () => undefined;

export function compilePattern(text: string, variables: Variables): Pattern | undefined {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    tokens.push(...wildcards(text.slice(end, match.index)));
    const value = variableValue(match[1] ?? '', variables);
    if (value === undefined) return undefined;
    tokens.push(...literal(value));
    end = match.index + match[0].length;
  }
  return [...tokens, ...wildcards(text.slice(end))];
}

/** Goes back to the last `*` only: what an earlier one could take in its place, that one can as well. */
export function matches(pattern: Pattern, text: string): boolean {
  let at = 0;
  let next = 0;
  let lastAny = -1;
  let resumeAt = 0;
  while (at < text.length) {
    const token = pattern[next];
    if (token?.kind === 'any') {
      lastAny = next++;
      resumeAt = at;
    } else if (token?.kind === 'one' || (token?.kind === 'is' && token.char === text[at])) {
      at++;
      next++;
    } else if (lastAny >= 0) {
      next = lastAny + 1;
      at = ++resumeAt;
    } else return false;
  }
  return pattern.slice(next).every(token => token.kind === 'any');
}

/** `${*}`, `${?}` and `${$}` are those characters themselves; `${key, 'text'}` has a value for want of one. */
function variableValue(variable: string, variables: Variables): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return variable;
  const [, name = variable, otherwise] = /^\s*([^,]*?)\s*,\s*'(.*)'\s*$/.exec(variable) ?? [];
  return variables(name.trim()) ?? otherwise;
}

function wildcards(text: string): Token[] {
  return Array.from({ length: text.length }, (_, i) => {
    if (text[i] === '*') return ANY;
    return text[i] === '?' ? ONE : is(text[i]);
  });
}

function literal(text: string): Token[] {
  return Array.from({ length: text.length }, (_, i) => is(text[i]));
}

function is(char = ''): Token {
  return { kind: 'is', char };
}
