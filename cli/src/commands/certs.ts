import { resolve } from 'node:path';
import {
  createAuthority,
  issue,
  ROLES,
  type Role,
  readAuthority,
  writeAuthority,
  writeMaterial,
} from '@lambent/certificates';
import { EXIT_CODES, readConfig } from '@lambent/daemon';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CLUSTER_FIELDS } from '../cluster/cluster-fields.ts';
import { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../command-line.ts';
import { findCertificates } from '../found-certificates.ts';
import { saveJoinFile } from '../local-cluster/join-file.ts';
import { addSettingOptions, variablesOf } from '../setting-options.ts';
import { integerBetween } from '../whole-number.ts';

const { cluster, etcd, nats, natsReplicas, natsSync } = CLUSTER_FIELDS;
const JOIN_FIELDS = { cluster, etcd, nats, natsReplicas, natsSync };
const AUTHORITY = './certificates/authority';
/** A little more than a year: whoever renews once a year is never late. */
const DAYS = 397;
const DAYS_MAX = 3_650;
const DAY_MS = 86_400_000;

interface IssueOptions {
  readonly authority: string;
  readonly role: Role;
  readonly id: string;
  readonly host: readonly string[];
  readonly days: number;
  readonly out: string;
}

export function addCerts(program: Command, context: CommandContext): void {
  const certs = program.command('certs').description("Make and show a cluster's certificates.");
  certs
    .command('init')
    .description('Make the authority that signs them, in a directory of its own.')
    .argument('[dir]', 'where; its key is needed to issue, and by no member that runs', AUTHORITY)
    .addOption(new Option('--cluster <name>', 'whose it is, for people').default(cluster.default))
    .action((directory: string, options: { cluster: string }) => init(directory, options.cluster, context));
  addIssueOptions(certs.command('issue'))
    .description('Make a key and a certificate for one member, engine or client; again to renew.')
    .addOption(new Option('--role <role>', 'what it is').choices(ROLES).makeOptionMandatory())
    .requiredOption('--id <id>', 'which one of that role', memberId)
    .option('--host <name...>', 'a name or an address at which others reach it, besides loopback', [])
    .requiredOption('--out <dir>', 'where: ca.pem, cert.pem and key.pem, in place of earlier ones')
    .action((options: IssueOptions) => issueMaterial(options, context));
  certs
    .command('show')
    .description('Say what certificates a directory holds, and when they expire.')
    .argument('[dir]', "a member's directory, an authority's, or one with several of them", './certificates')
    .option('--json', 'as JSON, for scripts')
    .action((directory: string, options: { json?: true }) => show(directory, options, context));
  const join = addIssueOptions(certs.command('join'))
    .description('Make the file with which a worker on another machine joins: `lambent worker --join`.')
    .option('--id <id>', 'what its certificate says', memberId, 'joining')
    .requiredOption('--out <file>', 'where; it holds a key');
  addSettingOptions(join, JOIN_FIELDS).action((options: IssueOptions) => makeJoinFile(options, context));
}

function addIssueOptions(command: Command): Command {
  return command
    .option('--authority <dir>', 'who signs it', AUTHORITY)
    .addOption(
      new Option('--days <n>', 'how long it is good for, unless the authority ends before')
        .argParser(integerBetween(1, DAYS_MAX))
        .default(DAYS),
    );
}

/** What a member could be called. */
function memberId(text: string): string {
  const { parse, allowed } = CLUSTER_FIELDS.memberId;
  if (text !== '' && 'value' in parse(text)) return text;
  throw new InvalidArgumentError(`It is ${allowed}.`);
}

async function init(directory: string, name: string, { clock, terminal }: CommandContext): Promise<void> {
  await writeAuthority(directory, await createAuthority({ clock, name }));
  terminal.result(`an authority is in ${resolve(directory)}: keep ca-key.pem to yourself`);
}

async function issueMaterial(options: IssueOptions, { clock, terminal }: CommandContext): Promise<void> {
  const { role, id, host: hosts, days, out } = options;
  const authority = await readAuthority(options.authority, { clock });
  await writeMaterial(out, await issue(authority, { role, id, hosts, days, clock }));
  terminal.result(`a certificate of ${role}/${id} is in ${resolve(out)}`);
}

async function makeJoinFile(options: IssueOptions, { clock, terminal }: CommandContext): Promise<void> {
  const { id, days, out } = options;
  const settings = readConfig(JOIN_FIELDS, variablesOf(JOIN_FIELDS, { ...options }));
  if (settings.etcd === undefined || settings.nats === undefined)
    throw new CommandFailure('a worker needs to be told of --etcd and --nats', EXIT_CODES.usage);
  const authority = await readAuthority(options.authority, { clock });
  await saveJoinFile(out, {
    cluster: settings.cluster,
    etcd: settings.etcd.split(','),
    nats: settings.nats.split(','),
    replicas: Number(settings.natsReplicas),
    natsSync: settings.natsSync,
    tls: await issue(authority, { role: 'worker', id, hosts: [], days, clock }),
  });
  terminal.result(`on the other machine: npx lambent worker --join ${out}`);
}

async function show(
  directory: string,
  options: { readonly json?: true },
  { clock, terminal }: CommandContext,
): Promise<void> {
  const found = await findCertificates(directory, clock).catch(cause => {
    throw new CommandFailure(`${directory} cannot be read`, EXIT_CODES.configInvalid, { cause });
  });
  if (options.json) return terminal.result(JSON.stringify(found, undefined, 2));
  if (found.length === 0)
    throw new CommandFailure(`there are no certificates in ${directory}`, EXIT_CODES.failed);
  const rows = found.map(({ file, subject, hosts, notAfterMs, expiresInMs, state }) => [
    file,
    subject,
    state,
    `${new Date(notAfterMs).toISOString().slice(0, 10)} (${Math.floor(expiresInMs / DAY_MS)} days)`,
    hosts.join(' '),
  ]);
  terminal.table([['file', 'of', 'state', 'until', 'reached as'], ...rows], 'result');
}
