import { AwsError } from '@lambent/aws-api';
import type { CodeReference, CodeSigningRecord, LayerReference } from '@lambent/functions';
import type { LambdaBackend } from './lambda-backend.ts';

type Signature = CodeReference['signature'];

interface Deployment {
  /** Of the function's code signing configuration; undefined: it has none. */
  readonly configId: string | undefined;
  readonly code?: { readonly signature?: Signature };
  readonly layers?: readonly LayerReference[];
}

/**
 * Checks who signed what is about to be deployed. A package that is not what was signed is never deployed; one whose
 * signature is missing, expired, or of nobody whom the configuration allows, as the configuration says.
 */
export async function checkSignatures(
  backend: LambdaBackend,
  functionName: string,
  { configId, code, layers = [] }: Deployment,
): Promise<void> {
  const config = configId === undefined ? undefined : await backend.codeSigning.read(configId);
  if (!config) return;
  const parts = [
    ...(code ? [{ name: functionName, signature: code.signature }] : []),
    ...layers.map(layer => ({ name: layer.arn, signature: layer.code.signature })),
  ];
  if (parts.some(({ signature }) => signature?.kind === 'broken')) throw BROKEN;
  for (const { name, signature } of parts) {
    if (isAllowed(signature, config, backend.clock.nowMs())) continue;
    if (config.untrusted === 'Enforce') throw untrusted(name);
    backend.onUntrusted({ functionName, part: name });
  }
}

function isAllowed(signature: Signature, config: CodeSigningRecord, nowMs: number): boolean {
  if (signature?.kind !== 'signed' || signature.expiresMs <= nowMs) return false;
  return config.profileVersionArns.includes(signature.profileVersionArn);
}

const BROKEN = new AwsError(
  'InvalidCodeSignatureException',
  'The code signature failed the integrity check. If the integrity check fails, then Lambda blocks deployment, even if the code signing policy is set to WARN.',
);

function untrusted(name: string): AwsError {
  return new AwsError(
    'CodeVerificationFailedException',
    `Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not configured to accept. Check the provided signature for ${name}.`,
  );
}
