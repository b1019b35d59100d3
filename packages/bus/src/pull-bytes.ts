/** What one pull brings into memory, unless a single message is larger. */
export const PULL_BYTES_MAX = 32 * 1024 * 1024;
