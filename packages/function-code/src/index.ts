export { CodeCache, type CodeCacheOptions, type CodePackage, type UnpackedCode } from './code-cache.ts';
export { type CodeSignature, readCodeSignature } from './code-signature.ts';
export { inspectZip, type ZipInventory } from './inspect-zip.ts';
export { ZIP_BOUNDS } from './zip-bounds.ts';
export type { ZipEntry } from './zip-directory.ts';
