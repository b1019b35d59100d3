/** The surrogates: code points no text holds, between U+D7FF and U+E000. */
const BEFORE_SURROGATES = 0xd7ff;
const AFTER_SURROGATES = 0xe000;
const LAST_CODE_POINT = 0x10ffff;
/** SQLite sorts any blob after any text: above every key. */
const ABOVE_ALL = new Uint8Array(0);

/** Every key that starts with a prefix: at or after `from`, before `to`, in SQLite's order (that of UTF-8). */
export interface KeyRange {
  readonly from: string;
  readonly to: string | Uint8Array;
}

export function keyRange(prefix: string): KeyRange {
  return { from: prefix, to: firstAfter([...prefix]) };
}

/** The first text that sorts after everything that starts with `characters`. */
function firstAfter(characters: string[]): string | Uint8Array {
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const codePoint = last.codePointAt(0) ?? 0;
    if (codePoint === LAST_CODE_POINT) continue;
    const next = codePoint === BEFORE_SURROGATES ? AFTER_SURROGATES : codePoint + 1;
    return characters.join('') + String.fromCodePoint(next);
  }
  return ABOVE_ALL;
}

/** Whether `left` sorts after `right` in that order. JavaScript's own compares UTF-16, which differs above U+FFFF. */
export function sortsAfter(left: string, right: string): boolean {
  return Buffer.compare(Buffer.from(left), Buffer.from(right)) > 0;
}
