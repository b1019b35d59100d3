import { type ProvisionedRecord, provisionedLimitId } from '@lambent/membership';

/** One version, of which so many environments are to be ready. */
export interface ProvisionedPart {
  readonly limitId: string;
  readonly record: ProvisionedRecord;
  readonly version: string;
}

/** The version that is meant and, while an alias moves, the one that serves until that is ready. */
export function partsOf(record: ProvisionedRecord): ProvisionedPart[] {
  const { functionId, version, previousVersion } = record;
  const versions = previousVersion === undefined ? [version] : [version, previousVersion];
  return versions.map(each => ({ limitId: provisionedLimitId(functionId, each), record, version: each }));
}
