import type { IncomingMessage } from 'node:http';
import { AwsError } from '@lambent/aws-api';
import type { Clock } from '@lambent/core';
import { evaluate } from '@lambent/iam';
import {
  arnOf,
  type Credentials,
  type Identity,
  type IdentityStore,
  policiesOf,
  principalArnsOf,
  SignatureVerifier,
  uniqueIdOf,
} from '@lambent/identity';
import { type KnownUrl, wantedOf } from './url-directory.ts';

/** Who called a URL that wants to know. */
export interface UrlCaller {
  readonly accessKey: string;
  readonly accountId: string;
  readonly callerId: string;
  readonly userArn: string;
  readonly userId: string;
}

export interface UrlSignersOptions {
  readonly accountId: string;
  readonly identities: IdentityStore;
  readonly credentials: Credentials;
  readonly clock: Clock;
}

/** Lets through to a URL of `AWS_IAM` whoever signs as somebody that may call it. */
export class UrlSigners {
  readonly #options: UrlSignersOptions;
  readonly #verifier: SignatureVerifier;

  constructor(options: UrlSignersOptions) {
    this.#options = options;
    this.#verifier = new SignatureVerifier(options);
  }

  /** Throws AWS's refusal; undefined for somebody known who may not. */
  async admit(known: KnownUrl, request: IncomingMessage, body: Uint8Array): Promise<UrlCaller | undefined> {
    const { method = '', url: target = '/', headers } = request;
    const verdict = await this.#verifier.verify({ method, target, headers }, body, 'lambda');
    if (verdict.kind === 'refused') throw new AwsError(verdict.error, verdict.message);
    const { identity, accessKeyId: accessKey } = verdict;
    if (!(await this.#mayCall(known, identity))) return undefined;
    const { accountId } = this.#options;
    const userId = uniqueIdOf(identity, accountId);
    return { accessKey, accountId, callerId: userId, userArn: arnOf(identity, accountId), userId };
  }

  /** The owner may anything. Of the others either what they are or what the function allows is enough. */
  async #mayCall({ policy, arn }: KnownUrl, identity: Identity): Promise<boolean> {
    if (identity.kind === 'root') return true;
    const { accountId, identities } = this.#options;
    const principal = { kind: 'aws', accountId, arns: principalArnsOf(identity, accountId) } as const;
    const documents = [...(policy ? [policy] : []), ...(await policiesOf(identity, identities))];
    return wantedOf('AWS_IAM').every(
      wanted => evaluate(documents, { principal, resource: arn, ...wanted }) === 'allow',
    );
  }
}
