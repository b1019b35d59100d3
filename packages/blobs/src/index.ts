export type { BlobInfo, Blobs } from './blobs.ts';
export { DirectoryBlobs } from './directory-blobs.ts';
