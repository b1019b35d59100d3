import { fail, isFailure, type LambentError } from '@lambent/core';
import { castGrpcError, EtcdLeaseInvalidError, GRPCFailedPreconditionError, isRecoverableError } from 'etcd3';

/** What etcd3 and gRPC throw, in the words of the registry. */
export function fromEtcdError(error: unknown): LambentError {
  if (isFailure(error)) return error;
  return fail('registry-unavailable', { detail: (error as Error).message }, { cause: error });
}

/** The lease of a renewal, a revocation or a put is gone: the server's own answer, nothing was written. */
export function isLeaseGone(error: unknown): boolean {
  return cast(error) instanceof EtcdLeaseInvalidError;
}

/** A lease of this id was granted before. */
export function isLeaseTaken(error: unknown): boolean {
  return (
    cast(error) instanceof GRPCFailedPreconditionError && /lease already exists/.test(cast(error).message)
  );
}

/** Not the cluster's answer but one member's silence or trouble: another member may do better. */
export function isOutage(error: unknown): boolean {
  return isRecoverableError(cast(error));
}

/**
 * There was no connection it could have been sent on. These are gRPC's own words for want of a status that says so;
 * should they change, such a transaction is `unknown` instead of asked of the next member.
 */
export function wasNeverSent(error: unknown): boolean {
  return /No connection established|Name resolution failed/.test((error as Error).message);
}

/** Errors of streams come as gRPC made them, those of calls typed already. */
function cast(error: unknown): Error {
  return castGrpcError(error as Error);
}
