import type { Terminal } from '../terminal.ts';
import { type ClusterStatus, isWell, type MemberStatus, type RegistryStatus } from './cluster-status.ts';

const DAY_MS = 86_400_000;

/** For people: what there is, and at the end what needs somebody. */
export function showStatus(status: ClusterStatus, terminal: Terminal): void {
  const { name, registry, engines, queues } = status;
  const section = (title: string, rows: readonly (readonly string[])[]) => {
    if (rows.length === 0) return;
    terminal.result(`\n${title}`);
    terminal.table(rows, 'result');
  };
  terminal.result(`Cluster ${name}${registry?.id === undefined ? '' : `, ${registry.id}`}`);
  section(
    'Engines',
    engines.map(({ kind, url, answers }) => [kind, url, answers ? 'answers' : 'silent']),
  );
  if (registry) showRegistry(registry, section);
  section(
    'Queues',
    (queues ?? []).map(({ name, messages, inFlight, oldestAgeMs }) => [
      name,
      `${messages} waiting`,
      `${inFlight} in flight`,
      messages === 0 ? '' : `the oldest ${Math.round(oldestAgeMs / 1_000)} s`,
    ]),
  );
  section('To look at', troublesOf(status));
  if (isWell(status)) terminal.result('\nEverything is there.');
}

function showRegistry(
  { members, workers, limits }: RegistryStatus,
  section: (title: string, rows: readonly (readonly string[])[]) => void,
): void {
  section(
    'Members',
    members.map(member => [
      member.role,
      member.id,
      member.alive ? 'alive' : 'absent',
      member.version ?? '',
      doorsOf(member),
    ]),
  );
  section(
    'Workers',
    workers.map(({ id, alive, granted, memoryMb, incarnation }) => [
      id,
      alive ? 'alive' : 'session ended',
      `slots ${slotsOf(granted)}`,
      `${memoryMb} MB`,
      `incarnation ${incarnation}`,
    ]),
  );
  section(
    'Limits',
    limits.map(({ id, wanted, held, granted, reserved }) => [
      id,
      `${wanted} wanted`,
      `${held} held`,
      `${granted} granted`,
      reserved === undefined ? '' : `${reserved} reserved`,
    ]),
  );
}

/** Where others come to: clients to a gateway, members to a worker and a placement. */
function doorsOf({ urls = {}, address }: MemberStatus): string {
  const { api, grpc, admin = '' } = urls;
  return [api, grpc].filter(url => url !== undefined).join(' ') || (address ?? admin);
}

function slotsOf(granted: Readonly<Record<string, number>>): string {
  const held = Object.entries(granted);
  return held.length === 0 ? '0' : held.map(([limit, slots]) => `${slots} of ${limit}`).join(', ');
}

function troublesOf({ engines, unknown, degraded, expiring, registry }: ClusterStatus): string[][] {
  const lost = (registry?.workers ?? []).filter(({ alive }) => !alive);
  return [
    ...engines.flatMap(({ kind, url, trouble }) =>
      trouble === undefined ? [] : [[kind, `${url}: ${trouble}`]],
    ),
    ...unknown.map(why => ['unknown', why]),
    ...(degraded ?? []).map(why => ['durability', why]),
    ...expiring.map(({ subject, file, expiresInMs }) => [
      'certificate',
      `${subject} (${file}) ${expiresInMs <= 0 ? 'has expired' : `ends in ${Math.floor(expiresInMs / DAY_MS)} days`}`,
    ]),
    ...lost.map(({ id }) => [
      'worker',
      `${id} does not answer; if its machine is off for good: npx lambent worker forget ${id}`,
    ]),
  ];
}
