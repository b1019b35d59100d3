import { AwsError } from '@lambent/aws-api';
import type { PolicyChange } from './change-policy.ts';
import { checkPolicyLength } from './change-policy.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkLayerVersion, LayerAddress } from './layer-address.ts';

interface Subject {
  readonly LayerName?: string | undefined;
  readonly VersionNumber?: number | undefined;
  /** Of the policy as the caller knows it. */
  readonly RevisionId?: string | undefined;
}

/** Changes the policy of one version of a layer. What `decide` throws goes to the caller. */
export async function changeLayerPolicy<T>(
  backend: LambdaBackend,
  { LayerName, VersionNumber, RevisionId }: Subject,
  decide: (before: string | undefined, versionArn: string) => PolicyChange<T>,
): Promise<T> {
  const address = LayerAddress.of(backend, LayerName);
  const version = checkLayerVersion(VersionNumber);
  const changed = await backend.layers.change(address.name, version, ({ policy }) => {
    if (RevisionId !== undefined && RevisionId !== policy?.revisionId) throw OUTDATED;
    const { document, result } = decide(policy?.document, address.versionArn(version));
    const revisionId = backend.random.uuid();
    if (document !== undefined) checkPolicyLength(document);
    return {
      policy: document === undefined ? undefined : { revisionId, document },
      result: result(revisionId),
    };
  });
  if (!changed) throw address.versionNotFound(version);
  return changed.result;
}

const OUTDATED = new AwsError(
  'PreconditionFailedException',
  'The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id',
);
