import assert from 'node:assert/strict';
import { fail } from '@lambent/core';
import { TRANSACTION_BYTES_MAX, TRANSACTION_PARTS_MAX, type Transaction } from './registry.ts';

/** What etcd would refuse every adapter refuses, so that it is found on one machine, before anything is sent. */
export function checkTransaction({ compare, write }: Transaction): void {
  assert(compare.length <= TRANSACTION_PARTS_MAX, 'too many comparisons in one transaction');
  assert(write.length <= TRANSACTION_PARTS_MAX, 'too many writes in one transaction');
  assert(new Set(write.map(each => each.key)).size === write.length, 'one transaction writes a key twice');
  assert(
    write.every(each => each.key !== ''),
    'a key is empty',
  );
  const bytes = write.reduce((sum, each) => sum + (each.kind === 'put' ? each.value.byteLength : 0), 0);
  if (bytes > TRANSACTION_BYTES_MAX)
    throw fail('payload-too-large', { bytes, maxBytes: TRANSACTION_BYTES_MAX });
}
