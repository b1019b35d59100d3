import { choice, integer, text } from '@lambent/daemon';

const PORT_MAX = 65_535;
const MIB = 1_024 ** 2;
const GIB = 1_024 ** 3;
const ADDRESS = /^[^\s,/]+:\d{1,5}$/;
/** Of servers people often write the scheme, too. */
const SERVERS = /^(?:(?:^|,)(?:\w+:\/\/)?[^\s,/]+:\d{1,5})+$/;

/** What a member of a cluster is told of the cluster and of its own place in it. */
export const CLUSTER_FIELDS = {
  cluster: text({
    variable: 'LAMBENT_CLUSTER',
    default: 'lambent',
    // A part of a subject, of a stream's name and of a key.
    pattern: /^[a-z0-9][a-z0-9-]{0,31}$/,
    allowed: 'up to 32 of a-z, 0-9 and -',
    about: 'The name of the cluster; several may share one etcd and one NATS.',
  }),
  etcd: text({
    variable: 'LAMBENT_ETCD',
    default: undefined,
    pattern: SERVERS,
    allowed: 'host:port, several with commas',
    about: 'The servers of etcd. Every member of a cluster needs them.',
  }),
  nats: text({
    variable: 'LAMBENT_NATS',
    default: undefined,
    pattern: SERVERS,
    allowed: 'host:port, several with commas',
    about: 'The servers of NATS. Every member but placement needs them.',
  }),
  natsMonitor: text({
    variable: 'LAMBENT_NATS_MONITOR',
    default: undefined,
    pattern: /^https?:\/\/[^\s/]+\/?$/,
    allowed: 'http://host:port',
    about: 'The monitoring port of NATS; with it members find out whether it syncs what it acknowledges.',
  }),
  natsSync: choice({
    variable: 'LAMBENT_NATS_SYNC',
    values: ['unknown', 'always'],
    default: 'unknown',
    about:
      'What you vouch for where the monitoring port of NATS is not reached: that it runs with sync_interval: always.',
  }),
  natsReplicas: choice({
    variable: 'LAMBENT_NATS_REPLICAS',
    values: ['1', '3', '5'],
    default: '1',
    about: 'How many servers of NATS hold each accepted event, package and log: 3 survive the loss of one.',
  }),
  queueBytes: integer({
    variable: 'LAMBENT_QUEUE_BYTES',
    min: 12 * MIB,
    max: Number.MAX_SAFE_INTEGER,
    default: 2 * GIB,
    about:
      'What accepted events may take in NATS, split evenly over the partitions; it is set aside at once. Past it the next is answered 429.',
  }),
  blobsBytes: integer({
    variable: 'LAMBENT_BLOBS_BYTES',
    min: 256 * MIB,
    max: Number.MAX_SAFE_INTEGER,
    default: 4 * GIB,
    about: 'What code packages may take in NATS; it is set aside at once. Past it none can be uploaded.',
  }),
  logsBytes: integer({
    variable: 'LAMBENT_LOGS_BYTES',
    min: 64 * MIB,
    max: Number.MAX_SAFE_INTEGER,
    default: 4 * GIB,
    about: 'What function logs may take in NATS; it is set aside at once. Past it the oldest go.',
  }),
  serversWaitMs: integer({
    variable: 'LAMBENT_SERVERS_WAIT_MS',
    min: 0,
    max: 3_600_000,
    // Servers that start together with a member, or elect a leader, take seconds.
    default: 60_000,
    about:
      'How long a member that starts waits for etcd and NATS; then it ends with 69, for a supervisor to start it again.',
  }),
  tls: text({
    variable: 'LAMBENT_TLS',
    default: undefined,
    about: 'The directory with ca.pem, cert.pem and key.pem of this member. Needed between machines.',
  }),
  listen: text({
    variable: 'LAMBENT_LISTEN',
    default: '127.0.0.1:0',
    pattern: ADDRESS,
    allowed: 'host:port',
    about: 'Where a worker or a placement takes the streams of other members; port 0 takes a free one.',
  }),
  advertise: text({
    variable: 'LAMBENT_ADVERTISE',
    default: undefined,
    pattern: ADDRESS,
    allowed: 'host:port',
    about: 'How other members reach LAMBENT_LISTEN, where that differs; port 0 stands for the one it has.',
  }),
  memberId: text({
    variable: 'LAMBENT_MEMBER_ID',
    default: undefined,
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
    allowed: 'up to 63 letters, digits and . _ -',
    about: 'Who this member is, over restarts. Left out, it is made once and kept in the data directory.',
  }),
} as const;

/** Where a member says how it is; a gateway's are among its own settings. */
export const ADMIN_FIELDS = {
  placement: adminFields('PLACEMENT', 9_092),
  worker: adminFields('WORKER', 9_093),
  events: adminFields('EVENTS', 9_094),
} as const;

function adminFields(role: string, port: number) {
  return {
    adminHost: text({
      variable: `LAMBENT_${role}_ADMIN_HOST`,
      default: '127.0.0.1',
      about: 'Address of health and metrics.',
    }),
    adminPort: integer({
      variable: `LAMBENT_${role}_ADMIN_PORT`,
      min: 0,
      max: PORT_MAX,
      default: port,
      about: 'Port of health and metrics; 0 takes a free one.',
    }),
  };
}
