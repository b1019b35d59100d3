import type { Constraint, Constraints, ConstraintTable } from '../constraint.ts';

/** What the schemas lack, from AWS's own API model. */
const GROUP_NAME: Constraint = { min: 1, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]+' };
const GROUP_IDENTIFIER: Constraint = { min: 1, max: 2_048, pattern: '[\\w#+=/:,.@-]*' };
const STREAM_NAME: Constraint = { min: 1, max: 512, pattern: '[^:*]*' };
const TOKEN: Constraint = { min: 1 };
const MOMENT: Constraint = { min: 0, integer: true };
const EVENTS: Constraint = { min: 1, max: 10_000, integer: true };
const GROUPS: Constraint = { min: 1, max: 50, integer: true };
const RESOURCE_ARN: Constraint = { min: 1, max: 1_011, pattern: '[\\w+=/:,.@-]*' };
const TAG_KEY: Constraint = { min: 1, max: 128, pattern: '([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)' };
const TAG_VALUE: Constraint = { max: 256, pattern: '([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)' };

const GROUP: Constraints = { logGroupName: GROUP_NAME };
const STREAM: Constraints = { ...GROUP, logStreamName: STREAM_NAME };
const IDENTIFIED: Constraints = { ...GROUP, logGroupIdentifier: GROUP_IDENTIFIER };
const TAGS: Constraints = { tags: { min: 1, max: 50 }, 'tags.key': TAG_KEY, 'tags.value': TAG_VALUE };

export const LOGS_CONSTRAINTS: ConstraintTable = {
  CreateLogGroup: {
    ...GROUP,
    ...TAGS,
    logGroupClass: { enum: ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'] },
  },
  DeleteLogGroup: GROUP,
  CreateLogStream: STREAM,
  DeleteLogStream: STREAM,
  PutRetentionPolicy: { ...GROUP, retentionInDays: { integer: true } },
  DeleteRetentionPolicy: GROUP,
  DescribeLogGroups: {
    logGroupNamePrefix: GROUP_NAME,
    logGroupNamePattern: { min: 0, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]*' },
    nextToken: TOKEN,
    limit: GROUPS,
  },
  DescribeLogStreams: {
    ...IDENTIFIED,
    logStreamNamePrefix: STREAM_NAME,
    orderBy: { enum: ['LogStreamName', 'LastEventTime'] },
    nextToken: TOKEN,
    limit: GROUPS,
  },
  FilterLogEvents: {
    ...IDENTIFIED,
    logStreamNames: { min: 1, max: 100 },
    'logStreamNames.member': STREAM_NAME,
    logStreamNamePrefix: STREAM_NAME,
    startTime: MOMENT,
    endTime: MOMENT,
    filterPattern: { min: 0, max: 1_024 },
    nextToken: TOKEN,
    limit: EVENTS,
  },
  GetLogEvents: {
    ...IDENTIFIED,
    logStreamName: STREAM_NAME,
    startTime: MOMENT,
    endTime: MOMENT,
    nextToken: TOKEN,
    limit: EVENTS,
  },
  PutLogEvents: {
    ...STREAM,
    logEvents: { min: 1, max: 10_000 },
    'logEvents.member.timestamp': MOMENT,
    'logEvents.member.message': { min: 1 },
  },
  TagResource: { resourceArn: RESOURCE_ARN, ...TAGS },
  UntagResource: { resourceArn: RESOURCE_ARN, tagKeys: { min: 0, max: 50 }, 'tagKeys.member': TAG_KEY },
  ListTagsForResource: { resourceArn: RESOURCE_ARN },
};
