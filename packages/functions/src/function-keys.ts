import { encodeKeyPart } from '@lambent/registry';

/** Digits of a version's number in its key, so that keys sort as numbers do. */
const VERSION_DIGITS = 16;

/** Functions of all accounts. */
export const FUNCTIONS_PREFIX = 'functions/';

export function functionsPrefix(accountId: string): string {
  return `${FUNCTIONS_PREFIX}${encodeKeyPart(accountId)}/`;
}

export function functionKey(accountId: string, name: string): string {
  return functionsPrefix(accountId) + encodeKeyPart(name);
}

/** Published versions of all functions. */
export const VERSIONS_PREFIX = 'versions/';

/** Published versions stand under the function's id, not its name: a new function of an old name has none. */
export function versionsPrefix(functionId: string): string {
  return `${VERSIONS_PREFIX}${encodeKeyPart(functionId)}/`;
}

export function versionKey(functionId: string, version: string): string {
  return versionsPrefix(functionId) + version.padStart(VERSION_DIGITS, '0');
}

/** Aliases stand there as versions do, in the order of their names. */
export function aliasesPrefix(functionId: string): string {
  return `aliases/${encodeKeyPart(functionId)}/`;
}

export function aliasKey(functionId: string, alias: string): string {
  return aliasesPrefix(functionId) + encodeKeyPart(alias);
}

/** Resource policies stand there as versions do, each under the version or alias that it is about. */
export function policiesPrefix(functionId: string): string {
  return `policies/${encodeKeyPart(functionId)}/`;
}

export function policyKey(functionId: string, qualifier: string): string {
  return policiesPrefix(functionId) + encodeKeyPart(qualifier);
}

/** How events are tried again, likewise. */
export function eventInvokesPrefix(functionId: string): string {
  return `event-invokes/${encodeKeyPart(functionId)}/`;
}

export function eventInvokeKey(functionId: string, qualifier: string): string {
  return eventInvokesPrefix(functionId) + encodeKeyPart(qualifier);
}

/** URLs, likewise. */
export function urlsPrefix(functionId: string): string {
  return `urls/${encodeKeyPart(functionId)}/`;
}

export function urlKey(functionId: string, qualifier: string): string {
  return urlsPrefix(functionId) + encodeKeyPart(qualifier);
}

/** Whose they are. */
export function urlOwnerKey(urlId: string): string {
  return `url-owners/${encodeKeyPart(urlId)}`;
}

/** Functions deleted whose versions may still be there, by the function's id. */
export const DELETIONS_PREFIX = 'deletions/';

export function deletionKey(functionId: string): string {
  return DELETIONS_PREFIX + encodeKeyPart(functionId);
}
