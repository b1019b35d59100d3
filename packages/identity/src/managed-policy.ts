import { z } from 'zod';
import { RECORD } from './stored-record.ts';

/** A policy of its own, attached to roles by its ARN. */
export const ManagedPolicySchema = z.strictObject({
  ...RECORD,
  name: z.string(),
  path: z.string(),
  policyId: z.string(),
  description: z.string().exactOptional(),
  tags: z.record(z.string(), z.string()),
  changedMs: z.int(),
  /** The number of the version that holds. */
  defaultVersion: z.int(),
  lastVersion: z.int(),
  versions: z.array(z.strictObject({ number: z.int(), document: z.string(), createdMs: z.int() })),
});

export type ManagedPolicy = z.infer<typeof ManagedPolicySchema>;

export function policyArn({ name, path }: Pick<ManagedPolicy, 'name' | 'path'>, accountId: string): string {
  return `arn:aws:iam::${accountId}:policy${path}${name}`;
}

export function defaultDocument({ versions, defaultVersion }: ManagedPolicy): string {
  return versions.find(({ number }) => number === defaultVersion)?.document ?? '';
}
