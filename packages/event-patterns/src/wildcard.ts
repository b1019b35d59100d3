/**
 * `*` stands for any characters, none included; `\\*` and `\\\\` for themselves. Undefined for two stars in a row and for a
 * backslash before anything else, which EventBridge refuses.
 */
export function parseWildcard(pattern: string): ((text: string) => boolean) | undefined {
  const parts = partsOf(pattern);
  if (!parts) return undefined;
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text => text === first;
  return text => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
      return false;
    // What lies between is found from left to right: taking the earliest place never takes one that is needed.
    const end = text.length - last.length;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

/** The texts between the stars. */
function partsOf(pattern: string): string[] | undefined {
  const parts = [''];
  for (let at = 0; at < pattern.length; at += 1) {
    let character = pattern.charAt(at);
    if (character === '*') {
      if (pattern.charAt(at + 1) === '*') return undefined;
      parts.push('');
      continue;
    }
    if (character === '\\') {
      at += 1;
      character = pattern.charAt(at);
      if (character !== '*' && character !== '\\') return undefined;
    }
    parts.push(parts.pop() + character);
  }
  return parts;
}
