import assert from 'node:assert/strict';

/** What stays as it is. All else would be a separator, a wildcard or a control character somewhere. */
const PLAIN = /^[A-Za-z0-9_-]$/;
/** Stands for the empty name, which no token can be; no other name gives it. */
const EMPTY = '%';

/**
 * Makes one token of a NATS subject (or of the name of a stream) from a name that may hold any character, so that
 * no name can reach another one's subject. Different names give different tokens.
 */
export function encodeSubjectPart(name: string): string {
  return name === '' ? EMPTY : Array.from(name, encodeCharacter).join('');
}

export function decodeSubjectPart(token: string): string {
  if (token === EMPTY) return '';
  const name = token.replace(/(?:%u[0-9A-F]{4})|(?:%[0-9A-F]{2})+/g, decodeRun);
  assert(encodeSubjectPart(name) === token, `${token} is no token of a subject`);
  return name;
}

/** Half of a surrogate pair has no UTF-8 form, and yet two of them are two names. */
function encodeCharacter(character: string): string {
  if (PLAIN.test(character)) return character;
  if (!character.isWellFormed()) return `%u${hex(character.charCodeAt(0))}`;
  return Array.from(Buffer.from(character), byte => `%${hex(byte).padStart(2, '0')}`).join('');
}

function decodeRun(run: string): string {
  if (run.startsWith('%u')) return String.fromCharCode(Number.parseInt(run.slice(2), 16));
  return Buffer.from(run.replaceAll('%', ''), 'hex').toString();
}

function hex(number: number): string {
  return number.toString(16).toUpperCase();
}
