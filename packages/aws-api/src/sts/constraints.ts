import type { Constraint, ConstraintTable } from '../constraint.ts';

/** What the schemas lack, from AWS's own API model. */
const ARN: Constraint = {
  min: 20,
  max: 2_048,
  pattern: '[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD]+',
};
const SESSION_NAME: Constraint = { min: 2, max: 64, pattern: '[\\w+=,.@-]*' };
const DURATION: Constraint = { min: 900, max: 43_200, integer: true };

export const STS_CONSTRAINTS: ConstraintTable = {
  AssumeRole: {
    RoleArn: ARN,
    RoleSessionName: SESSION_NAME,
    DurationSeconds: DURATION,
    Policy: { min: 1, max: 2_048 },
    'PolicyArns.member.arn': ARN,
    'Tags.member.Key': { min: 1, max: 128 },
    'Tags.member.Value': { min: 0, max: 256 },
    ExternalId: { min: 2, max: 1_224, pattern: '[\\w+=,.@:\\/-]*' },
    SerialNumber: { min: 9, max: 256, pattern: '[\\w+=/:,.@-]*' },
    TokenCode: { min: 6, max: 6, pattern: '[\\d]*' },
    SourceIdentity: { min: 2, max: 64, pattern: '[\\w+=,.@-]*' },
  },
  GetSessionToken: {
    DurationSeconds: { min: 900, max: 129_600, integer: true },
    SerialNumber: { min: 9, max: 256, pattern: '[\\w+=/:,.@-]*' },
    TokenCode: { min: 6, max: 6, pattern: '[\\d]*' },
  },
};
