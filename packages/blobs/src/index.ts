export type { BlobInfo, Blobs, StoredBlob } from './blobs.ts';
export { DirectoryBlobs } from './directory-blobs.ts';
export { NatsBlobs, type NatsBlobsOptions } from './nats-blobs.ts';
