import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { chosenCodeSigning, toCodeSigningConfig } from './code-signing-config.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkTags } from './resource-tags.ts';

/** Of what follows `csc-`. */
const ID_LENGTH = 17;

export function createCodeSigningConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'CreateCodeSigningConfig'>, LambdaOutput<'CreateCodeSigningConfig'>> {
  return async input => {
    const tags = { ...input.Tags };
    checkTags(tags);
    const id = `csc-${Buffer.from(backend.random.bytes(ID_LENGTH)).toString('hex').slice(0, ID_LENGTH)}`;
    const none = {
      schema: 1 as const,
      id,
      description: '',
      profileVersionArns: [],
      untrusted: 'Warn' as const,
    };
    const put = chosenCodeSigning({ ...none, tags, modifiedMs: backend.clock.nowMs() }, input);
    await backend.codeSigning.change(id, () => ({ put, result: undefined }));
    return { CodeSigningConfig: toCodeSigningConfig(backend, put) };
  };
}
