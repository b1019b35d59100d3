/** What Lambda polls for its functions. */
export const SOURCE_KINDS = [
  'sqs',
  'sqs-fifo',
  'kinesis',
  'dynamodb',
  'managed-kafka',
  'self-managed-kafka',
  'mq',
  'documentdb',
] as const;

export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Those that somebody polls here. */
const POLLED: ReadonlySet<SourceKind> = new Set();

export function isPolled(kind: SourceKind): boolean {
  return POLLED.has(kind);
}

/** Undefined: nothing that is polled. */
export function sourceKindOf(source: {
  readonly EventSourceArn?: string | undefined;
  readonly SelfManagedEventSource?: object | undefined;
}): SourceKind | undefined {
  const { EventSourceArn: arn, SelfManagedEventSource: ofOnesOwn } = source;
  if (ofOnesOwn) return arn === undefined ? 'self-managed-kafka' : undefined;
  const [, , service, , , ...rest] = arn?.split(':') ?? [];
  const resource = rest.join(':');
  switch (service) {
    case 'sqs':
      return resource.endsWith('.fifo') ? 'sqs-fifo' : 'sqs';
    case 'kinesis':
      return resource.startsWith('stream/') ? 'kinesis' : undefined;
    case 'dynamodb':
      return /^table\/[^/]+\/stream\//.test(resource) ? 'dynamodb' : undefined;
    case 'kafka':
      return 'managed-kafka';
    case 'mq':
      return 'mq';
    case 'rds':
      return resource.startsWith('cluster:') ? 'documentdb' : undefined;
    default:
      return undefined;
  }
}
