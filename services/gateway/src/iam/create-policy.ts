import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { createUniqueId, type ManagedPolicy, policyArn } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { checkDocument, overQuota, withTags } from './refusals.ts';
import { shownPolicy } from './shown-policy.ts';

/** AWS's quota; blanks are not counted. */
const DOCUMENT_LENGTH_MAX = 6_144;

export function createPolicy(
  backend: IamBackend,
): Handler<IamInput<'CreatePolicy'>, IamOutput<'CreatePolicy'>> {
  return async input => {
    const { PolicyName: name = '', PolicyDocument: document = '', Path: path = '/' } = input;
    checkDocument(document, 'identity');
    if (document.replaceAll(/\s/g, '').length > DOCUMENT_LENGTH_MAX)
      throw overQuota('PolicySize', DOCUMENT_LENGTH_MAX);
    const { accountId, identities, clock, random } = backend;
    const nowMs = clock.nowMs();
    const record: Omit<ManagedPolicy, 'writeId'> = {
      schema: 1,
      createdMs: nowMs,
      changedMs: nowMs,
      name,
      path,
      policyId: createUniqueId('ANPA', random),
      ...(input.Description !== undefined && { description: input.Description }),
      tags: withTags({}, input.Tags),
      defaultVersion: 1,
      lastVersion: 1,
      versions: [{ number: 1, document, createdMs: nowMs }],
    };
    return identities.policies.change(policyArn(record, accountId), current => {
      if (current)
        throw new AwsError(
          'EntityAlreadyExistsException',
          `A policy called ${name} already exists. Duplicate names are not allowed.`,
        );
      const Policy = shownPolicy({ ...record, writeId: '' }, { accountId, attached: 0 });
      return { put: record, result: { Policy } };
    });
  };
}
