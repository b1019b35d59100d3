import { type ConfigOf, flag, integer, text } from '@lambent/daemon';

const PORT_MAX = 65_535;

/** The settings of a gateway. */
export const GATEWAY_FIELDS = {
  host: text({
    variable: 'LAMBENT_GATEWAY_HOST',
    default: '127.0.0.1',
    about: 'Address of the AWS API. One that other machines reach needs LAMBENT_INSECURE_LISTEN.',
  }),
  port: integer({
    variable: 'LAMBENT_GATEWAY_PORT',
    min: 0,
    max: PORT_MAX,
    default: 9_000,
    about: 'Port of the AWS API; 0 takes a free one.',
  }),
  grpcHost: text({
    variable: 'LAMBENT_GATEWAY_GRPC_HOST',
    default: '127.0.0.1',
    about: 'Address of invoking over gRPC. One that other machines reach needs LAMBENT_INSECURE_LISTEN.',
  }),
  grpcPort: integer({
    variable: 'LAMBENT_GATEWAY_GRPC_PORT',
    min: 0,
    max: PORT_MAX,
    default: 9_090,
    about: 'Port of invoking over gRPC; 0 takes a free one.',
  }),
  adminHost: text({
    variable: 'LAMBENT_GATEWAY_ADMIN_HOST',
    default: '127.0.0.1',
    about: 'Address of health, metrics and logs. Functions never reach this listener.',
  }),
  adminPort: integer({
    variable: 'LAMBENT_GATEWAY_ADMIN_PORT',
    min: 0,
    max: PORT_MAX,
    default: 9_091,
    about: 'Port of health, metrics and logs; 0 takes a free one.',
  }),
  insecureListen: flag({
    variable: 'LAMBENT_INSECURE_LISTEN',
    default: false,
    about: 'Allows addresses that other machines reach, although nobody has to identify.',
  }),
  accountId: text({
    variable: 'LAMBENT_ACCOUNT_ID',
    default: '000000000000',
    pattern: /^\d{12}$/,
    allowed: 'twelve digits',
    about: 'The AWS account that every function belongs to.',
  }),
  region: text({
    variable: 'LAMBENT_REGION',
    default: 'us-east-1',
    pattern: /^[a-z]{2}(-[a-z]+)+-\d$/,
    allowed: 'a name like us-east-1',
    about: 'The AWS region in ARNs.',
  }),
  urlBase: text({
    variable: 'LAMBENT_FUNCTION_URL_BASE',
    default: '',
    pattern: /^(https?:\/\/[a-z0-9.-]+(:\d{1,5})?)?$/,
    allowed: 'an origin like https://functions.example.com',
    about:
      'Where function URLs are told to be: each under a host of its own below this one, which must lead to a gateway. Without it, under a path of whichever gateway was asked.',
  }),
  controlRate: integer({
    variable: 'LAMBENT_GATEWAY_CONTROL_RATE',
    min: 0,
    max: 100_000,
    default: 0,
    about:
      'How many requests a second that do not invoke this gateway answers; the next are answered 429. 0: any number. AWS allows 15.',
  }),
  getFunctionRate: integer({
    variable: 'LAMBENT_GATEWAY_GET_FUNCTION_RATE',
    min: 0,
    max: 100_000,
    default: 0,
    about: 'The same for GetFunction alone, which tools ask again and again. AWS allows 100.',
  }),
  queueMax: integer({
    variable: 'LAMBENT_GATEWAY_QUEUE_MAX',
    min: 1,
    max: 100_000,
    default: 1_000,
    about: 'How many invocations may wait for an environment; the next is answered 429.',
  }),
  queueWaitMs: integer({
    variable: 'LAMBENT_GATEWAY_QUEUE_WAIT_MS',
    min: 100,
    max: 900_000,
    // Twice what an init may take: the slowest first start, and one that was refused before it.
    default: 20_000,
    about: 'How long an invocation may wait for an environment; then it is answered 503, and has not run.',
  }),
  codeSigningRoots: text({
    variable: 'LAMBENT_CODE_SIGNING_ROOTS',
    default: undefined,
    about:
      "File of certificates, as PEM, that vouch for who signs code: AWS Signer's root, or one's own. Without it no signature is trusted.",
  }),
  codeSweepMs: integer({
    variable: 'LAMBENT_GATEWAY_CODE_SWEEP_MS',
    min: 1_000,
    max: 86_400_000,
    default: 3_600_000,
    about: 'How often packages that no function names are deleted; each time every function is read.',
  }),
  readinessLingerMs: integer({
    variable: 'LAMBENT_READINESS_LINGER_MS',
    min: 0,
    max: 60_000,
    default: 5_000,
    about: 'How long a stopping gateway still takes requests while it says that it is not ready.',
  }),
  gatewayDrainTimeoutMs: integer({
    variable: 'LAMBENT_GATEWAY_DRAIN_TIMEOUT_MS',
    min: 0,
    max: 900_000,
    default: 900_000,
    about: 'How long requests in flight may finish before a stopping gateway cuts them off.',
  }),
};

export type GatewayConfig = ConfigOf<typeof GATEWAY_FIELDS>;
