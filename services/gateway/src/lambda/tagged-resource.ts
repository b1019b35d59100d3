import { AwsError } from '@lambent/aws-api';
import { withTags } from '@lambent/functions';
import { noCapacityProvider } from './capacity-provider.ts';
import { changeFunction } from './change-function.ts';
import { noCodeSigning } from './code-signing-config.ts';
import { noMapping } from './event-source-mapping.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

type Tags = Readonly<Record<string, string>>;

/** What has tags, found by the ARN that a request names. */
export interface TaggedResource {
  read(): Promise<Tags>;
  change(change: (tags: Tags) => Tags): Promise<void>;
}

/** Throws AWS's refusal of what has none. */
export function taggedResource(backend: LambdaBackend, arn = ''): TaggedResource {
  const [, , , region, accountId, kind, id = ''] = arn.split(':');
  if (kind === 'function') return taggedFunction(backend, arn);
  const here = region === backend.region && accountId === backend.accountId;
  if (kind === 'code-signing-config' && here) return taggedCodeSigning(backend, { id, arn });
  if (kind === 'event-source-mapping' && here) return taggedMapping(backend, id);
  if (kind === 'capacity-provider' && here) return taggedProvider(backend, id);
  throw new AwsError('ResourceNotFoundException', `The resource does not exist: ${arn}`);
}

function taggedFunction(backend: LambdaBackend, arn: string): TaggedResource {
  const address = FunctionAddress.of(backend, arn);
  if (address.qualifier !== undefined)
    throw invalidParameter(
      'Tags on function aliases and versions are not supported. Please specify a function ARN.',
    );
  return {
    async read() {
      const record = await backend.store.read(address.name);
      if (!record) throw address.notFound();
      return record.tags;
    },
    change: change =>
      changeFunction<void>(backend, address, record => ({
        record: withTags(record, change(record.tags)),
        result: undefined,
      })),
  };
}

function taggedCodeSigning(
  { codeSigning }: LambdaBackend,
  { id, arn }: { readonly id: string; readonly arn: string },
): TaggedResource {
  return {
    async read() {
      const record = await codeSigning.read(id);
      if (!record) throw noCodeSigning(arn);
      return record.tags;
    },
    change: change =>
      codeSigning.change<void>(id, current => {
        if (!current) throw noCodeSigning(arn);
        return { put: { ...current, tags: { ...change(current.tags) } }, result: undefined };
      }),
  };
}

function taggedMapping({ mappings }: LambdaBackend, uuid: string): TaggedResource {
  return {
    async read() {
      const record = await mappings.read(uuid);
      if (!record) throw noMapping();
      return record.tags;
    },
    change: change =>
      mappings.change<void>(uuid, current => {
        if (!current) throw noMapping();
        return { put: { ...current, tags: { ...change(current.tags) } }, result: undefined };
      }),
  };
}

function taggedProvider({ capacityProviders }: LambdaBackend, name: string): TaggedResource {
  return {
    async read() {
      const record = await capacityProviders.read(name);
      if (!record) throw noCapacityProvider(name);
      return record.tags;
    },
    change: change =>
      capacityProviders.change<void>(name, current => {
        if (!current) throw noCapacityProvider(name);
        return { put: { ...current, tags: { ...change(current.tags) } }, result: undefined };
      }),
  };
}
