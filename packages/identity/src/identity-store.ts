import type { Random } from '@lambent/core';
import { type Compare, encodeKeyPart, RecordTable, type Registry, type Write } from '@lambent/registry';
import { type AccessKey, AccessKeySchema } from './access-key.ts';
import { type ManagedPolicy, ManagedPolicySchema } from './managed-policy.ts';
import { type Role, RoleSchema } from './role.ts';
import { decoderOf } from './stored-record.ts';
import { type User, UserSchema } from './user.ts';

/** Everything that IAM knows of one account. Names that differ only in case are one name. */
export class IdentityStore {
  readonly roles: RecordTable<Role>;
  readonly users: RecordTable<User>;
  /** By ARN. */
  readonly policies: RecordTable<ManagedPolicy>;
  readonly accessKeys: RecordTable<AccessKey>;
  readonly #registry: Registry;

  constructor(options: { readonly registry: Registry; readonly random: Random }) {
    this.roles = new RecordTable({ ...options, prefix: 'iam/roles/', decode: decoderOf(RoleSchema) });
    this.users = new RecordTable({ ...options, prefix: 'iam/users/', decode: decoderOf(UserSchema) });
    this.policies = new RecordTable({
      ...options,
      prefix: POLICIES,
      decode: decoderOf(ManagedPolicySchema),
    });
    this.accessKeys = new RecordTable({ ...options, prefix: KEYS, decode: decoderOf(AccessKeySchema) });
    this.#registry = options.registry;
  }

  role(name: string): Promise<Role | undefined> {
    return this.roles.read(idOf(name));
  }

  /** What stands with a role's use of a policy: undefined where there is no such policy. */
  async attachment(policyArn: string, roleName: string): Promise<AttachmentWrites | undefined> {
    const policy = await this.#registry.get(POLICIES + encodeKeyPart(policyArn));
    const key = attachmentsOf(policyArn) + encodeKeyPart(idOf(roleName));
    return (
      policy && {
        // Not its revision: whoever changes the policy meanwhile does not matter, only who deletes it does.
        attach: {
          compare: [
            { kind: 'key', key: POLICIES + encodeKeyPart(policyArn), modRevision: policy.modRevision },
          ],
          write: [{ kind: 'put', key, value: ATTACHED }],
        },
        detach: { compare: [], write: [{ kind: 'delete', key }] },
      }
    );
  }

  /** How many roles use a policy, and the comparison that holds as long as nobody else begins to. */
  async attachments(policyArn: string): Promise<{ readonly count: number; readonly unchanged: Compare }> {
    const prefix = attachmentsOf(policyArn);
    const { entries, revision } = await this.#registry.range(prefix);
    return {
      count: entries.length,
      unchanged: { kind: 'range', prefix, notAfterRevision: revision },
    };
  }
}

export interface AttachmentWrites {
  readonly attach: { readonly compare: readonly Compare[]; readonly write: readonly Write[] };
  readonly detach: { readonly compare: readonly Compare[]; readonly write: readonly Write[] };
}

/** Under which a role, a user or a policy is kept. */
export function idOf(name: string): string {
  return name.toLowerCase();
}

/** The account's owner has keys as users have; no user's name holds a colon. */
export const ROOT_ID = ':root';

function attachmentsOf(policyArn: string): string {
  return `iam/attachments/${encodeKeyPart(policyArn)}/`;
}

const POLICIES = 'iam/policies/';
const KEYS = 'iam/access-keys/';
const ATTACHED = Buffer.from('{}');
