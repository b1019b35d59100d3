import { LOG_LEVELS, type LogLevel } from '@lambent/daemon';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { dataOption } from './locate-lambent.ts';
import { integerBetween } from './whole-number.ts';

/** How `lambent up` is to run; the same for the keeper and for what it keeps. */
export interface UpOptions {
  readonly data: string;
  readonly port: number;
  readonly grpcPort: number;
  readonly adminPort: number;
  readonly host: string;
  readonly insecureListen?: true;
  readonly dev?: true;
  readonly account: string;
  readonly region: string;
  readonly logLevel: LogLevel;
}

const PORT_MAX = 65_535;

export function addUpOptions(command: Command, defaults: { readonly logLevel?: LogLevel } = {}): Command {
  const port = integerBetween(0, PORT_MAX);
  return command
    .addOption(dataOption())
    .addOption(
      new Option('--port <n>', 'port of the AWS API; 0 takes a free one')
        .env('LAMBENT_GATEWAY_PORT')
        .argParser(port)
        .default(9_000),
    )
    .addOption(
      new Option('--grpc-port <n>', 'port of invoking over gRPC; 0 takes a free one')
        .env('LAMBENT_GATEWAY_GRPC_PORT')
        .argParser(port)
        .default(9_090),
    )
    .addOption(
      new Option('--admin-port <n>', 'port of health, metrics and logs')
        .env('LAMBENT_GATEWAY_ADMIN_PORT')
        .argParser(port)
        .default(9_091),
    )
    .addOption(
      new Option('--host <address>', 'address of the AWS API')
        .env('LAMBENT_GATEWAY_HOST')
        .default('127.0.0.1'),
    )
    .option('--insecure-listen', 'allow an address that other machines reach: nobody has to identify')
    .option('--dev', 'start even where functions cannot be confined')
    .addOption(
      new Option('--account <id>', 'AWS account id in ARNs')
        .env('LAMBENT_ACCOUNT_ID')
        .argParser(accountId)
        .default('000000000000'),
    )
    .addOption(
      new Option('--region <name>', 'AWS region in ARNs')
        .env('LAMBENT_REGION')
        .argParser(region)
        .default('us-east-1'),
    )
    .addOption(
      new Option('--log-level <level>', "how much of Lambent's own log to write")
        .env('LAMBENT_LOG_LEVEL')
        .choices(LOG_LEVELS)
        .default(defaults.logLevel ?? 'info'),
    );
}

/** The same options, as a command line. */
export function upArguments(options: UpOptions): string[] {
  return [
    `--data=${options.data}`,
    `--port=${options.port}`,
    `--grpc-port=${options.grpcPort}`,
    `--admin-port=${options.adminPort}`,
    `--host=${options.host}`,
    `--account=${options.account}`,
    `--region=${options.region}`,
    `--log-level=${options.logLevel}`,
    ...(options.insecureListen ? ['--insecure-listen'] : []),
    ...(options.dev ? ['--dev'] : []),
  ];
}

function accountId(text: string): string {
  if (/^\d{12}$/.test(text)) return text;
  throw new InvalidArgumentError('It is twelve digits.');
}

function region(text: string): string {
  if (/^[a-z]{2}(-[a-z]+)+-\d$/.test(text)) return text;
  throw new InvalidArgumentError('It looks like us-east-1.');
}
