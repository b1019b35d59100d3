import { encodeKeyPart } from '@lambent/registry';

export function layersPrefix(accountId: string): string {
  return `layers/${encodeKeyPart(accountId)}/`;
}

/** Versions of the layers of all accounts. */
export const LAYER_VERSIONS_PREFIX = 'layer-versions/';

export function layerVersionsPrefix(accountId: string, layerName?: string): string {
  const account = `${LAYER_VERSIONS_PREFIX}${encodeKeyPart(accountId)}/`;
  return layerName === undefined ? account : `${account}${encodeKeyPart(layerName)}/`;
}

/** The newest version's key comes first, as lists show them. There is no version 0: its key would be the last. */
export function layerVersionKey(accountId: string, layerName: string, version: number): string {
  return layerVersionsPrefix(accountId, layerName) + layerVersionId(version);
}

export function layerVersionId(version: number): string {
  return String(Number.MAX_SAFE_INTEGER - version).padStart(VERSION_DIGITS, '0');
}

/** Of the greatest safe integer. */
const VERSION_DIGITS = 16;
