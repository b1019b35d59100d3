import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { openTerminal } from '../terminal.ts';
import { type ClusterStatus, isWell } from './cluster-status.ts';
import { showStatus } from './show-status.ts';

const WELL: ClusterStatus = {
  name: 'lambent',
  engines: [{ kind: 'etcd', url: 'http://127.0.0.1:1', answers: true }],
  registry: {
    id: 'c',
    members: [
      {
        role: 'gateway',
        id: 'gateway-1',
        alive: true,
        version: '0.1.0',
        urls: { api: 'http://x', grpc: 'grpc://y' },
      },
    ],
    workers: [
      {
        ...{ id: 'worker-1', address: 'h:1', incarnation: 'life', alive: true, memoryMb: 512 },
        ...{ runtimes: [], granted: { pool: 16, 'function-1': 2 } },
      },
    ],
    limits: [
      { id: 'function-1', wanted: 5, held: 3, granted: 2, reserved: 5 },
      { id: 'pool', wanted: 995, held: 997, granted: 16 },
    ],
  },
  queues: [{ name: 'async-invocations', messages: 3, inFlight: 1, oldestAgeMs: 61_000 }],
  degraded: ['single replica: what the broker holds is lost with its disk'],
  expiring: [],
  unknown: [],
};

function shown(status: ClusterStatus): string {
  const stdout = new PassThrough({ encoding: 'utf8' });
  showStatus(status, openTerminal({ stdout, stderr: new PassThrough() }));
  return String(stdout.read());
}

test('what there is is told line by line', () => {
  const text = shown(WELL);
  for (const line of [
    /^Cluster lambent, c$/m,
    /etcd +http:\/\/127.0.0.1:1 +answers/,
    /gateway +gateway-1 +alive +0.1.0 +http:\/\/x grpc:\/\/y$/m,
    /worker-1 +alive +slots 16 of pool, 2 of function-1 +512 MB +incarnation life/,
    /function-1 +5 wanted +3 held +2 granted +5 reserved/,
    /pool +995 wanted +997 held +16 granted/,
    /async-invocations +3 waiting +1 in flight +the oldest 61 s/,
    /durability +single replica/,
    /Everything is there/,
  ])
    assert.match(text, line);
});

test('what is missing, unknown, lost or ends soon is told, and is not well', () => {
  const { registry } = WELL;
  assert.ok(registry);
  const lost = registry.workers.map(worker => ({ ...worker, alive: false }));
  const expiring = [
    { subject: 'etcd/etcd-1', file: 'cert.pem', notAfterMs: 0, expiresInMs: 86_400_000, state: 'expiring' },
    { subject: 'nats/nats-1', file: 'cert.pem', notAfterMs: 0, expiresInMs: -1, state: 'expired' },
  ] as const;
  const unwell: [Partial<ClusterStatus>, RegExp][] = [
    [{ engines: [{ kind: 'nats', url: 'nats://x:1', answers: false }] }, /nats +nats:\/\/x:1 +silent/],
    [
      { engines: [{ kind: 'etcd', url: 'http://x:1', answers: true, trouble: 'ALARM NOSPACE' }] },
      /etcd +http:\/\/x:1: ALARM NOSPACE/,
    ],
    [{ queues: null, degraded: null, unknown: ['queues: no answer'] }, /unknown +queues: no answer/],
    [{ registry: { ...registry, workers: lost } }, /lambent worker forget worker-1/],
    [
      { registry: { ...registry, members: [{ role: 'events', id: 'e', alive: false }] } },
      /events +e +absent/,
    ],
    [{ expiring }, /etcd\/etcd-1 \(cert.pem\) ends in 1 days[\s\S]*nats\/nats-1 \(cert.pem\) has expired/],
  ];
  assert.equal(isWell(WELL), true);
  for (const [change, line] of unwell) {
    const status = { ...WELL, ...change };
    assert.match(shown(status), line);
    assert.doesNotMatch(shown(status), /Everything is there/);
    assert.equal(isWell(status), false);
  }
});
