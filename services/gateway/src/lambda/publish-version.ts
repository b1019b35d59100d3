import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import { base64Digest, toFunctionConfiguration } from './function-configuration.ts';
import { type LambdaBackend, stampOf } from './lambda-backend.ts';
import { publicationOf } from './publication.ts';
import { checkRevision, invalidParameter } from './refusals.ts';
import { refuseUnsupported } from './unsupported-members.ts';

export function publishVersion(
  backend: LambdaBackend,
): Handler<LambdaInput<'PublishVersion'>, LambdaOutput<'PublishVersion'>> {
  return async input => {
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    refuseUnsupported({ PublishTo: input.PublishTo });
    return changeFunction(backend, address, async record => {
      checkRevision(input.RevisionId, record.latest.revisionId);
      checkDigest(input.CodeSha256, base64Digest(record.latest.code.digest));
      const stamp = stampOf(backend);
      const publication = await publicationOf(backend, record, { description: input.Description, stamp });
      const { version } = publication;
      const result = toFunctionConfiguration({
        record,
        version,
        region: backend.region,
        qualifier: version.version,
        moment: { kind: 'stored' },
      });
      if (publication.kind === 'same') return { result };
      return { record: publication.record, publish: version, result };
    });
  };
}

function checkDigest(given: string | undefined, current: string): void {
  if (!given || given === current) return;
  throw invalidParameter(
    `CodeSHA256 (${given}) is different from current CodeSHA256 in $LATEST (${current}). Please try again with the CodeSHA256 in $LATEST.`,
  );
}
