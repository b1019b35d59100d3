import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { hasSnapStart } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import { base64Digest, type Moment, toFunctionConfiguration } from './function-configuration.ts';
import { type LambdaBackend, stampOf } from './lambda-backend.ts';
import { publicationOf, type Shown } from './publication.ts';
import { checkRevision, invalidParameter } from './refusals.ts';
import { standBy } from './snap-start.ts';

export function publishVersion(
  backend: LambdaBackend,
): Handler<LambdaInput<'PublishVersion'>, LambdaOutput<'PublishVersion'>> {
  return async input => {
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    const { shown, published } = await changeFunction<Shown>(backend, address, async record => {
      checkRevision(input.RevisionId, record.latest.revisionId);
      checkDigest(input.CodeSha256, base64Digest(record.latest.code.digest));
      const stamp = stampOf(backend);
      const publication = await publicationOf(backend, record, {
        description: input.Description,
        publishTo: input.PublishTo,
        stamp,
      });
      const { version } = publication;
      const show = (moment: Moment) =>
        toFunctionConfiguration({
          record,
          version,
          region: backend.region,
          qualifier: version.version,
          moment,
        });
      if (publication.kind === 'same') return { result: { shown: show({ kind: 'stored' }) } };
      // As on AWS, which takes its snapshot now.
      const shown = show(
        hasSnapStart(version) ? { kind: 'creating', revisionId: backend.random.uuid() } : { kind: 'stored' },
      );
      return { record: publication.record, publish: version, result: { shown, published: publication } };
    });
    if (published) standBy(backend, published);
    return shown;
  };
}

function checkDigest(given: string | undefined, current: string): void {
  if (!given || given === current) return;
  throw invalidParameter(
    `CodeSHA256 (${given}) is different from current CodeSHA256 in $LATEST (${current}). Please try again with the CodeSHA256 in $LATEST.`,
  );
}
