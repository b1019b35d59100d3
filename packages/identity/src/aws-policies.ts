/** The policies of AWS's own that tools attach to functions' roles; what they allow is on every resource. */
const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
const QUEUE = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];
const TABLE = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
];
const STREAM = [
  'kinesis:DescribeStream',
  'kinesis:DescribeStreamSummary',
  'kinesis:GetRecords',
  'kinesis:GetShardIterator',
  'kinesis:ListShards',
  'kinesis:ListStreams',
  'kinesis:SubscribeToShard',
];
const NETWORK = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];
const TRACES = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:GetSamplingStatisticSummaries',
];

/** By path and name, as their ARNs end. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  '/AdministratorAccess': ['*'],
  '/AWSLambda_FullAccess': ['lambda:*', 'logs:*', 'iam:GetRole', 'iam:ListRoles', 'iam:PassRole'],
  '/AWSXRayDaemonWriteAccess': TRACES,
  '/AmazonDynamoDBFullAccess': ['dynamodb:*'],
  '/AmazonS3FullAccess': ['s3:*', 's3-object-lambda:*'],
  '/AmazonS3ReadOnlyAccess': ['s3:Get*', 's3:List*', 's3:Describe*'],
  '/AmazonSNSFullAccess': ['sns:*'],
  '/AmazonSQSFullAccess': ['sqs:*'],
  '/CloudWatchLogsFullAccess': ['logs:*'],
  '/service-role/AWSLambdaBasicExecutionRole': LOGS,
  '/service-role/AWSLambdaDynamoDBExecutionRole': [...TABLE, ...LOGS],
  '/service-role/AWSLambdaKinesisExecutionRole': [...STREAM, ...LOGS],
  '/service-role/AWSLambdaRole': ['lambda:InvokeFunction'],
  '/service-role/AWSLambdaSQSQueueExecutionRole': [...QUEUE, ...LOGS],
  '/service-role/AWSLambdaVPCAccessExecutionRole': [...LOGS, ...NETWORK],
};

export interface AwsPolicy {
  readonly arn: string;
  readonly path: string;
  readonly name: string;
  readonly document: string;
}

/** Undefined for one that AWS does not have, or that is not here. */
export function awsPolicy(arn: string): AwsPolicy | undefined {
  if (!arn.startsWith(PREFIX)) return undefined;
  const place = arn.slice(PREFIX.length);
  const actions = Object.hasOwn(ACTIONS, place) ? ACTIONS[place] : undefined;
  if (!actions) return undefined;
  const slash = place.lastIndexOf('/') + 1;
  const statement = { Effect: 'Allow', Action: actions, Resource: '*' };
  return {
    arn,
    path: place.slice(0, slash),
    name: place.slice(slash),
    document: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
  };
}

export function awsPolicies(): readonly AwsPolicy[] {
  return Object.keys(ACTIONS).flatMap(place => awsPolicy(PREFIX + place) ?? []);
}

const PREFIX = 'arn:aws:iam::aws:policy';
