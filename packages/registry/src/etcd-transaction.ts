import type { ICompare, IRequestOp, ITxnRequest } from 'etcd3';
import type { EtcdNamespace } from './etcd-namespace.ts';
import type { Compare, Transaction, Write } from './registry.ts';

/** A transaction in etcd's own terms. Values are copied: they may change before they are sent. */
export function toEtcdTransaction({ compare, write }: Transaction, namespace: EtcdNamespace): ITxnRequest {
  return {
    compare: compare.map(each => toCompare(each, namespace)),
    success: write.map(each => toRequest(each, namespace)),
  };
}

function toCompare(compare: Compare, namespace: EtcdNamespace): ICompare {
  if (compare.kind === 'key') {
    const mod_revision = compare.modRevision;
    return { target: 'Mod', result: 'Equal', key: namespace.key(compare.key), mod_revision };
  }
  const mod_revision = compare.notAfterRevision + 1;
  return { target: 'Mod', result: 'Less', ...namespace.range(compare.prefix), mod_revision };
}

function toRequest(write: Write, namespace: EtcdNamespace): IRequestOp {
  const key = namespace.key(write.key);
  if (write.kind === 'delete') return { request_delete_range: { key } };
  const { value, lease } = write;
  return { request_put: { key, value: Buffer.from(value), ...(lease && { lease }) } };
}
