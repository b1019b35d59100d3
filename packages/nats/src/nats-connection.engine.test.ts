import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { isFailure, type Reason, SystemClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { startTestNats, TestCertificates, waitFor } from '@lambent/testing';
import { DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { NatsConnection, type NatsConnectionOptions } from './nats-connection.ts';

const STREAM = {
  name: 'orders',
  subjects: ['test.orders'],
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.File,
  discard: DiscardPolicy.New,
  max_msgs: 10,
};

test('a stream is made with the prefix of its cluster, kept, and brought to new settings', async () => {
  await using engine = await startTestNats();
  await using connection = await open(engine.url);
  const made = await connection.ensureStream(STREAM);
  assert.equal(made.config.name, 'test-orders');
  await connection.jetstream.publish('test.orders', 'a');
  const kept = await connection.ensureStream({ ...STREAM, max_msgs: 20 });
  assert.deepEqual([kept.config.max_msgs, kept.state.messages], [20, 1]);
});

test('a stream of another cluster is refused, and so is one of nobody', async () => {
  await using engine = await startTestNats();
  await using own = await open(engine.url);
  await using other = await open(engine.url, { clusterId: 'other' });
  await own.ensureStream(STREAM);
  await assert.rejects(other.ensureStream(STREAM), failure('cluster-mismatch', /test-orders/));
  await own.manager.streams.add({ name: 'test-foreign', subjects: ['foreign'] });
  await assert.rejects(
    own.ensureStream({ ...STREAM, name: 'foreign' }),
    failure('cluster-mismatch', /unknown/),
  );
});

test('a setting that the server drops is named', async () => {
  await using engine = await startTestNats();
  await using connection = await open(engine.url);
  const asked = { ...STREAM, setting_of_tomorrow: true };
  await assert.rejects(connection.ensureStream(asked), failure('broker-unfit', /setting_of_tomorrow/));
});

test('a setting that the server refuses is broker-unfit with its reason', async () => {
  await using engine = await startTestNats();
  await using connection = await open(engine.url, { replicas: 3 });
  await assert.rejects(connection.ensureStream(STREAM), failure('broker-unfit', /replicas/));
});

test('a stream for which NATS has no room left says how much it needs, and which settings ask for it', async () => {
  await using engine = await startTestNats({ jetstream: { fileBytesMax: 2_000_000 } });
  await using connection = await open(engine.url);
  await connection.ensureStream({ ...STREAM, max_bytes: 1_500_000 });
  const more = { ...STREAM, name: 'more', subjects: ['test.more'], max_bytes: 500_001 };
  await assert.rejects(
    connection.ensureStream(more),
    failure('broker-unfit', /test-more: .* 500001 bytes .* 1500000: .*max_file_store.*LAMBENT_QUEUE_BYTES/),
  );
});

test('a connection comes back by itself and tells its state', async () => {
  await using engine = await startTestNats();
  await using connection = await open(engine.url);
  await engine.server.kill9();
  await waitFor('the loss is noticed', () => connection.state === 'disconnected');
  await engine.restart();
  await waitFor('it is back', () => connection.state === 'connected');
  await connection.ensureStream(STREAM);
});

test('what is not durable is told: what the server says before what the operator does', async () => {
  await using engine = await startTestNats();
  await using unknown = await open(engine.url);
  assert.deepEqual(
    unknown.degraded.map(reason => reason.split(':')[0]),
    ['single replica', 'durability of the server is not known'],
  );
  await using declared = await open(engine.url, { replicas: 3, syncInterval: 'always' });
  assert.deepEqual(declared.degraded, []);
  await using asked = await open(engine.url, { replicas: 3, monitorUrl: engine.server.monitorUrl });
  assert.deepEqual(asked.degraded, []);
});

test('a single replica alone, which was asked for, is no warning; what else is missing is', async () => {
  await using engine = await startTestNats();
  const levels: string[] = [];
  const destination = {
    write(line: string) {
      const { msg, level } = JSON.parse(line) as { msg: string; level: string };
      if (msg === 'nats is degraded') levels.push(level);
    },
  };
  const logger = createLogger({ level: 'info', service: 'test', destination });
  for (const syncInterval of ['always', 'unknown'] as const) {
    await using _connection = await open(engine.url, { logger, syncInterval });
  }
  assert.deepEqual(levels, ['info', 'warn']);
});

test('nobody there is broker-unavailable within bounded patience', async () => {
  const opening = open('nats://127.0.0.1:1', { patienceMs: 300 });
  await assert.rejects(opening, failure('broker-unavailable', /127\.0\.0\.1:1/));
});

test('with certificates both ends show one of the same authority', async () => {
  await using certificates = await TestCertificates.open();
  await using strangers = await TestCertificates.open();
  const { files } = await certificates.issue('nats');
  const { material: own } = await certificates.issue('gateway');
  const { material: foreign } = await strangers.issue('gateway');
  await using engine = await startTestNats({ tls: files });
  await using connection = await open(engine.url, { tls: own });
  await connection.ensureStream(STREAM);
  const unavailable = failure('broker-unavailable', /./);
  await assert.rejects(
    open(engine.url, { patienceMs: 0 }),
    failure('broker-unavailable', /it speaks TLS only, and this member was given no certificates/),
  );
  await assert.rejects(open(engine.url, { patienceMs: 0, tls: foreign }), unavailable);
  const ofAnotherAuthority = { ...own, ca: foreign.ca };
  await assert.rejects(open(engine.url, { patienceMs: 0, tls: ofAnotherAuthority }), unavailable);
});

test('a renewed certificate is shown when the connection comes back', async () => {
  await using certificates = await TestCertificates.open();
  await using engine = await startTestNats({ tls: (await certificates.issue('nats')).files });
  const first = (await certificates.issue('gateway')).material;
  let shown = 0;
  const tls = {
    ca: first.ca,
    privateKey: first.privateKey,
    get certificate() {
      shown += 1;
      return first.certificate;
    },
  };
  await using connection = await open(engine.url, { tls });
  const before = shown;
  await engine.restart();
  await waitFor('it is back', () => connection.state === 'connected' && shown > before);
});

test('who has a certificate speaks to no server without one', async () => {
  await using certificates = await TestCertificates.open();
  const { material: tls } = await certificates.issue('gateway');
  await using engine = await startTestNats();
  const opening = open(engine.url, { patienceMs: 0, tls });
  await assert.rejects(opening, failure('broker-unavailable', /tls/));
});

for (const [what, info, detail] of [
  ['too old', { version: '2.9.10' }, /2\.9\.10/],
  ['without JetStream', { jetstream: false }, /JetStream/],
  ['for small messages only', { max_payload: 1_048_576 }, /max_payload/],
] as const)
  test(`a server that is ${what} is refused`, async () => {
    await using server = await pretendServer(info);
    await assert.rejects(open(server.url), failure('broker-unfit', detail));
  });

test('closing twice is closing once, also while the server is away', async () => {
  await using engine = await startTestNats();
  const connection = await open(engine.url);
  await engine.server.kill9();
  await waitFor('the loss is noticed', () => connection.state === 'disconnected');
  await Promise.all([connection[Symbol.asyncDispose](), connection[Symbol.asyncDispose]()]);
  assert.equal(connection.state, 'closed');
});

function open(url: string, options: Partial<NatsConnectionOptions> = {}): Promise<NatsConnection> {
  return NatsConnection.open({
    servers: [url],
    name: 'test',
    cluster: 'test',
    clusterId: 'own',
    clock: new SystemClock(),
    logger: createLogger({ level: 'silent', service: 'test' }),
    ...options,
  });
}

function failure(reason: Reason, message: RegExp) {
  return (error: unknown) => isFailure(error, reason) && message.test(error.message);
}

/** Speaks as much of the protocol as a client hears before it trusts. */
async function pretendServer(info: object): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(socket => {
    const hello = {
      server_id: 'x',
      version: '2.10.27',
      headers: true,
      jetstream: true,
      max_payload: 8_388_608,
    };
    socket.write(`INFO ${JSON.stringify({ ...hello, ...info })}\r\n`);
    socket.on('data', data => data.includes('PING') && socket.write('PONG\r\n'));
    socket.on('error', () => {});
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert(typeof address === 'object' && address);
  return {
    url: `nats://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () => new Promise(resolve => server.close(() => resolve())),
  };
}
