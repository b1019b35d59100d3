import { SeededRandom } from '@lambent/core';
import type { AliasRecord } from './alias-record.ts';
import { newFunction, type Stamp } from './function-changes.ts';
import type { FunctionRecord } from './function-record.ts';

/** What this package's tests write down. */
export const ACCOUNT = '000000000000';

export const random = new SeededRandom(1);

export function stamp(parts: Partial<Stamp> = {}): Stamp {
  return { revisionId: random.uuid(), atMs: 1, runtimeAvailable: () => true, ...parts };
}

export function sample(name: string, parts: Partial<Stamp> = {}): FunctionRecord {
  return newFunction(
    {
      id: random.uuid(),
      accountId: ACCOUNT,
      name,
      tags: {},
      code: { digest: 'a'.repeat(64), bytes: 100 },
      configuration: {
        runtime: 'nodejs24.x',
        handler: 'index.handler',
        role: 'arn:aws:iam::000000000000:role/r',
        description: '',
        timeoutSeconds: 3,
        memoryMb: 128,
        ephemeralStorageMb: 512,
        architecture: 'x86_64',
        logging: { format: 'Text' },
        tracingMode: 'PassThrough',
        snapStart: 'None',
      },
    },
    stamp(parts),
  );
}

export function alias(name: string, version: string, routing?: AliasRecord['routing']): AliasRecord {
  const base: AliasRecord = { schema: 1, name, revisionId: random.uuid(), version, description: '' };
  return routing ? { ...base, routing } : base;
}
