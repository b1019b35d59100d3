import { LOG_LEVELS, type LogLevel } from '@lambent/daemon';
import { type Command, Option } from 'commander';
import { dataOption } from '../locate-lambent.ts';
import { integerBetween } from '../whole-number.ts';

/** What kind of cluster is wanted. */
export interface ClusterOptions {
  readonly data: string;
  /** Of etcd and of NATS each. */
  readonly replicas: '1' | '3';
  readonly gateways: number;
  readonly placements: number;
  readonly workers: number;
  readonly events: number;
  /** Of the first gateway's API; 0: free ones. */
  readonly port: number;
  /** Where everything that shows a certificate listens, and is known by. */
  readonly advertise: string;
  readonly insecureListen?: true;
  /** Whether everybody shows a certificate to everybody. */
  readonly tls: boolean;
  readonly dev?: true;
  readonly logLevel: LogLevel;
}

export const PORT_MAX = 65_535;
/** Of one role on one machine: more processes than any machine has cores for. */
const MEMBERS_MAX = 16;

export const LOOPBACK = '127.0.0.1';

export function addClusterOptions(command: Command): Command {
  return command
    .addOption(dataOption())
    .addOption(
      new Option('--replicas <n>', 'how many etcd and how many NATS servers: 3 go on without one')
        .choices(['1', '3'])
        .default('1'),
    )
    .addOption(count('gateways', 1, 2))
    .addOption(count('placements', 1, 2))
    .addOption(count('workers', 0, 3))
    .addOption(count('events', 1, 2))
    .addOption(
      new Option('--port <n>', 'port of the first gateway, the others take the next ones; 0 takes free ones')
        .argParser(integerBetween(0, PORT_MAX))
        .default(9_000),
    )
    .addOption(
      new Option(
        '--advertise <address>',
        'this machine as others reach it: they may join. Everything but the AWS API listens there',
      ).default(LOOPBACK),
    )
    .option('--insecure-listen', 'the AWS API listens there, too: nobody has to identify')
    .option('--no-tls', 'go without certificates, within this machine')
    .option('--dev', 'start even where functions cannot be confined')
    .addOption(
      new Option('--log-level <level>', "how much of the members' own logs to write")
        .env('LAMBENT_LOG_LEVEL')
        .choices(LOG_LEVELS)
        .default('warn'),
    );
}

function count(name: string, min: number, usual: number): Option {
  return new Option(`--${name} <n>`, `how many ${name}`)
    .argParser(integerBetween(min, MEMBERS_MAX))
    .default(usual);
}
