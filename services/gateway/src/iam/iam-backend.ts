import type { Clock, Random } from '@lambent/core';
import type { Credentials, IdentityStore } from '@lambent/identity';

/** What the operations of IAM and STS are made of. */
export interface IamBackend {
  readonly accountId: string;
  readonly identities: IdentityStore;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly random: Random;
}
