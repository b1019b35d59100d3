import type { LambdaOperation } from '@lambent/aws-api';

/**
 * What an operation that is there lacks, by the members of its input. Whoever makes one of them work takes it away here;
 * an operation of which nothing is said does what it does on AWS.
 */
export interface Statement {
  /** Members, or values of them, that are refused, and why. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Members that are checked, stored and given back, and on which nothing depends. */
  readonly noEffect?: Readonly<Record<string, string>>;
  /** What else is not as on AWS. */
  readonly different?: string;
}

const IMAGES = 'there are no container images';
const DURABLE = 'there are no durable executions';
const UNREACHABLE = 'failed events would not arrive there';

const CODE = {
  S3Bucket: 'packages are uploaded with the request',
  S3Key: 'likewise',
  S3ObjectVersion: 'likewise',
  ImageUri: IMAGES,
  SourceKMSKeyArn: 'packages are not encrypted by keys of their own',
} as const;

const CONFIGURATION: Statement = {
  refused: {
    ImageConfig: IMAGES,
    FileSystemConfigs: 'code would not find its files',
    'DeadLetterConfig.TargetArn': UNREACHABLE,
    DurableConfig: DURABLE,
  },
  noEffect: {
    Role: 'no credentials come of it yet',
    CapacityProviderConfig:
      'every worker runs every function, called by its name as `$LATEST`, and an environment takes one invocation at a time',
    VpcConfig: "functions reach what the worker's machine reaches",
    TracingConfig: 'tracing is switched on for the whole installation',
    KMSKeyArn: 'variables are not encrypted by keys of their own',
  },
};

const CAPACITY: Statement = {
  different: 'a name for the machines that run workers: it starts none, and its members are kept and shown',
};

const EVENT_INVOKE: Statement = { refused: { DestinationConfig: 'nothing would arrive there' } };

const MAPPING: Statement = {
  different: 'nothing is polled yet: a mapping is kept, and shown as `Disabled` with the reason',
};

const POLICY: Statement = {
  different:
    'function URLs are held to it, calls of the API not yet: whoever reaches the port may do everything',
};

const SIGNING: Statement = { different: 'whether a signature was revoked is not asked' };

export const STATEMENTS: Readonly<Partial<Record<LambdaOperation, Statement>>> = {
  CreateFunction: {
    ...CONFIGURATION,
    refused: {
      ...Object.fromEntries(Object.entries(CODE).map(([member, why]) => [`Code.${member}`, why])),
      ...CONFIGURATION.refused,
      PackageType: `\`Image\`: ${IMAGES}`,
    },
  },
  UpdateFunctionConfiguration: CONFIGURATION,
  UpdateFunctionCode: { refused: CODE },
  ListFunctions: { noEffect: { MasterRegion: 'there are no replicated functions' } },
  Invoke: { refused: { DurableExecutionName: DURABLE } },
  InvokeWithResponseStream: { different: 'a response is not slowed down to 2 MB/s after its first 6 MB' },
  PutFunctionEventInvokeConfig: EVENT_INVOKE,
  UpdateFunctionEventInvokeConfig: EVENT_INVOKE,
  CreateEventSourceMapping: MAPPING,
  UpdateEventSourceMapping: MAPPING,
  CreateCapacityProvider: CAPACITY,
  UpdateCapacityProvider: CAPACITY,
  PutFunctionScalingConfig: {
    noEffect: { FunctionScalingConfig: 'environments come and go as they are used' },
  },
  GetFunctionScalingConfig: { different: 'nothing is applied, and so only what was requested is told' },
  PutFunctionRecursionConfig: { noEffect: { RecursiveLoop: 'loops are not detected yet' } },
  PutRuntimeManagementConfig: {
    noEffect: { UpdateRuntimeOn: 'functions run on the runtime that the worker has' },
  },
  AddPermission: POLICY,
  PutResourcePolicy: POLICY,
  AddLayerVersionPermission: {
    different: 'the policy is kept and shown; there is one account, and nobody is held to it yet',
  },
  PublishLayerVersion: {
    refused: {
      'Content.S3Bucket': CODE.S3Bucket,
      'Content.S3Key': CODE.S3Key,
      'Content.S3ObjectVersion': CODE.S3ObjectVersion,
    },
  },
  CreateCodeSigningConfig: SIGNING,
  UpdateCodeSigningConfig: SIGNING,
};
