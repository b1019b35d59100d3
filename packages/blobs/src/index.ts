export type { BlobInfo, Blobs, StoredBlob } from './blobs.ts';
export { DirectoryBlobs } from './directory-blobs.ts';
