/**
 * One part of a key: a name that may hold any character, made to hold no `/`. Different names never give the same
 * part. Throws a `URIError` for text that is not well-formed Unicode: such a name has no key.
 */
export function encodeKeyPart(name: string): string {
  return encodeURIComponent(name);
}

export function decodeKeyPart(part: string): string {
  return decodeURIComponent(part);
}
