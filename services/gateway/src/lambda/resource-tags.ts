import { invalidParameter } from './refusals.ts';

const TAGS_MAX = 50;
const KEY_LENGTH_MAX = 128;
const VALUE_LENGTH_MAX = 256;

export function checkTags(tags: Readonly<Record<string, string>>): void {
  const entries = Object.entries(tags);
  if (entries.length > TAGS_MAX) throw invalidParameter('Number of tags exceeds resource tag limit.');
  for (const [key, value] of entries) {
    if (key === '' || key.length > KEY_LENGTH_MAX || /^aws:/i.test(key))
      throw invalidParameter(`Invalid tag key: ${key}`);
    if (value.length > VALUE_LENGTH_MAX) throw invalidParameter(`Invalid tag value for the key ${key}`);
  }
}
