import type { CodeCache } from '@lambent/function-code';

/** Where a worker has code from: its cache of unpacked packages. */
export type CodeSource = Pick<CodeCache, 'acquire' | 'acquireStack' | 'digests'>;
