import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { type FunctionRecord, withLatest } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { checkSignatures } from './check-signatures.ts';
import { checkTotalSize } from './chosen-layers.ts';
import { FunctionAddress } from './function-address.ts';
import { type Moment, toFunctionConfiguration } from './function-configuration.ts';
import { type LambdaBackend, stampOf } from './lambda-backend.ts';
import { publicationOf, type Shown } from './publication.ts';
import { checkRevision, invalidParameter } from './refusals.ts';
import { standBy } from './snap-start.ts';
import { refuseUnsupported } from './unsupported-members.ts';
import { checkUpload, describeUpload, storeUpload } from './uploaded-code.ts';

type Input = LambdaInput<'UpdateFunctionCode'>;
type Output = LambdaOutput<'UpdateFunctionCode'>;

export function updateFunctionCode(backend: LambdaBackend): Handler<Input, Output> {
  return async input => {
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    if (input.ImageUri !== undefined)
      throw invalidParameter("Please don't provide ImageUri when updating a function with packageType Zip.");
    refuseUnsupported(input);
    const current = await backend.store.read(address.name);
    if (!current) throw address.notFound();
    checkRevision(input.RevisionId, current.latest.revisionId);
    const upload = await checkUpload(backend, input.ZipFile);
    checkTotalSize(backend, upload, current.latest.configuration.layers ?? []);
    const asked = current.codeSigningConfigId;
    await checkSignatures(backend, address.name, { configId: asked, code: upload });
    const code = input.DryRun ? describeUpload(upload) : await storeUpload(backend, upload);
    const { shown, published } = await changeFunction<Shown>(backend, address, async record => {
      checkRevision(input.RevisionId, record.latest.revisionId);
      // It may have begun to ask who signed only now.
      const configId = record.codeSigningConfigId;
      if (configId !== asked) await checkSignatures(backend, address.name, { configId, code: upload });
      const stamp = stampOf(backend);
      const [architecture = record.latest.configuration.architecture] = input.Architectures ?? [];
      const configuration = { ...record.latest.configuration, architecture };
      checkTotalSize(backend, upload, configuration.layers ?? []);
      const updated = withLatest(record, { code, configuration }, stamp);
      if (input.DryRun) return { result: { shown: show(backend, updated, { kind: 'stored' }) } };
      const revisionId = backend.random.uuid();
      if (!input.Publish) {
        return {
          record: updated,
          result: { shown: show(backend, updated, { kind: 'updating', revisionId }) },
        };
      }
      const publication = await publicationOf(backend, updated, { publishTo: input.PublishTo, stamp });
      const { version } = publication;
      const qualified = { record, version, region: backend.region, qualifier: version.version };
      if (publication.kind === 'same') {
        const same = toFunctionConfiguration({ ...qualified, moment: { kind: 'stored' } });
        return { record: updated, result: { shown: same } };
      }
      const created = toFunctionConfiguration({ ...qualified, moment: { kind: 'creating', revisionId } });
      const result = { shown: created, published: publication };
      return { record: publication.record, publish: version, result };
    });
    if (published) standBy(backend, published);
    return shown;
  };
}

function show({ region }: LambdaBackend, record: FunctionRecord, moment: Moment): Output {
  return toFunctionConfiguration({ record, version: record.latest, region, qualifier: undefined, moment });
}
