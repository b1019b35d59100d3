import type { CodeReference, LayerReference, VersionConfiguration } from '@lambent/functions';
import type { Transaction } from '@lambent/registry';
import type { LambdaBackend } from './lambda-backend.ts';
import { LayerAddress } from './layer-address.ts';
import { invalidParameter } from './refusals.ts';

/** The layers that a function is to have. */
export interface ChosenLayers {
  readonly chosen: readonly LayerReference[];
  /** Written with the function, so that no version is deleted, and its package swept, before the function names it. */
  readonly unchanged: Transaction;
}

/** Throws AWS's refusal unless each is a version that is there, of a layer of its own. */
export async function chooseLayers(backend: LambdaBackend, arns: readonly string[]): Promise<ChosenLayers> {
  const { layers: layersMax } = backend.quotas;
  if (arns.length > layersMax) throw invalidParameter(`Cannot reference more than ${layersMax} layers.`);
  const byName = new Map<string, string>();
  const found = [];
  for (const arn of arns) {
    const { address, version } = LayerAddress.ofVersion(backend, arn);
    const stored = await backend.layers.read(address.name, version);
    if (!stored) throw invalidParameter(`Layer version ${arn} does not exist.`);
    const other = byName.get(address.name);
    if (other !== undefined)
      throw invalidParameter(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${other} and ${arn} are versions of the same layer.`,
      );
    byName.set(address.name, arn);
    found.push({ arn, ...stored });
  }
  return {
    chosen: found.map(({ arn, record }) => ({ arn, code: record.code })),
    unchanged: { compare: found.map(({ unchanged }) => unchanged), write: [] },
  };
}

/** A function and its layers are unpacked together. */
export function checkTotalSize(
  { quotas: { codeUnzippedBytes } }: Pick<LambdaBackend, 'quotas'>,
  code: Pick<CodeReference, 'unzippedBytes'>,
  layers: readonly LayerReference[],
): void {
  if (layers.length === 0) return;
  const bytes = [code, ...layers.map(layer => layer.code)].reduce(
    (sum, { unzippedBytes = 0 }) => sum + unzippedBytes,
    0,
  );
  if (bytes > codeUnzippedBytes)
    throw invalidParameter(
      `Function code combined with layers exceeds the maximum allowed size of ${codeUnzippedBytes} bytes. The actual size is ${bytes} bytes.`,
    );
}

export function withLayers(
  configuration: VersionConfiguration,
  layers: readonly LayerReference[],
): VersionConfiguration {
  const { layers: _, ...others } = configuration;
  return layers.length === 0 ? others : { ...others, layers: [...layers] };
}
