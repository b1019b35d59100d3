import { type FunctionRecord, withAliasChange } from '@lambent/functions';
import { type Division, planDivision } from '@lambent/membership';
import type { Compare, Write } from '@lambent/registry';
import { changeFunction } from './change-function.ts';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export interface ConcurrencyChange<T> {
  readonly division: Division;
  readonly compare?: readonly Compare[];
  readonly write?: readonly Write[];
  readonly result: T;
}

/**
 * Changes how concurrency is divided for a function that is there, or throws AWS's refusal. The function's record is
 * written with it: so no reservation outlives its function, and of all changes to one function's concurrency each sees
 * those before it.
 */
export function changeConcurrency<T>(
  backend: LambdaBackend,
  address: FunctionAddress,
  decide: (
    record: FunctionRecord,
    division: Division,
  ) => ConcurrencyChange<T> | Promise<ConcurrencyChange<T>>,
): Promise<T> {
  let tries = 0;
  return changeFunction(backend, address, async record => {
    tries += 1;
    const { transaction, decided } = await planDivision(
      backend.registry,
      division => decide(record, division),
      { settling: tries <= SETTLING_TRIES },
    );
    // Which version an alias serves hangs on what is provisioned for it.
    return { record: withAliasChange(record), alongside: transaction, result: decided.result };
  });
}

/** Past these, whose grants are raised all the time, only what is wanted is written; placement settles. */
const SETTLING_TRIES = 4;
