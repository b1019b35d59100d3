import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { NatsBus } from '@lambent/bus';
import { SystemClock, SystemRandom } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { AsyncQueues } from '@lambent/functions';
import { NatsConnection } from '@lambent/nats';
import { startTestNats, TEST_TOOLS, waitFor } from '@lambent/testing';
import { headers as natsHeaders } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { CREATE, completion, openTestGateway, type TestGateway } from '../open-test-gateway.ts';

const TIMEOUT_MS = 10_000;

suite('A NATS door on a real server', () => {
  let engine: Awaited<ReturnType<typeof startTestNats>>;
  before(async () => {
    engine = await startTestNats();
  });
  after(() => engine[Symbol.asyncDispose]());

  /** Any client of NATS. */
  async function openClient() {
    const connection = await connect({ servers: engine.url });
    return {
      connection,
      async ask(subject: string, body = '', sent: Readonly<Record<string, string>> = {}) {
        const headers = natsHeaders();
        for (const [name, value] of Object.entries(sent)) headers.set(name, value);
        const reply = await connection.request(subject, body, { timeout: TIMEOUT_MS, headers });
        return { body: reply.string(), status: reply.headers?.get('Lambent-Status'), headers: reply.headers };
      },
      [Symbol.asyncDispose]: () => connection.close(),
    };
  }

  /** A gateway of the cluster, with a function of its own, on a connection of its own. */
  async function openGateway(cluster: string) {
    await using stack = new AsyncDisposableStack();
    const clock = new SystemClock();
    const random = new SystemRandom();
    const logger = createLogger({ level: 'silent', service: 'gateway' });
    const connection = stack.use(
      await NatsConnection.open({
        name: 'gateway',
        servers: [engine.url],
        cluster,
        clusterId: cluster,
        clock,
        logger,
      }),
    );
    const bus = stack.use(await NatsBus.open({ connection, clock, random }));
    const open: TestGateway = stack.use(await openTestGateway({}, { bus }));
    await open.client.send(new CreateFunctionCommand(CREATE));
    const owned = stack.move();
    return { ...open, bus, connection, [Symbol.asyncDispose]: () => owned.disposeAsync() };
  }

  test('any client invokes with a request', async () => {
    await using gateway = await openGateway('any');
    await using client = await openClient();
    const { body, headers } = await client.ask('any.invoke.f.$LATEST', '{"a":"ä"}', {
      'Lambent-Log-Type': 'Tail',
    });
    assert.equal(body, '{"a":"ä"}');
    assert.deepEqual(
      ['Lambent-Status', 'Lambent-Executed-Version', 'Lambent-Request-Id'].map(name => headers?.get(name)),
      ['200', '$LATEST', gateway.invoker.invocations[0]?.requestId],
    );
    assert.ok(headers?.has('Lambent-Log-Result'));
    assert.ok(!headers?.has('Lambent-Function-Error'));
  });

  test('what is no name in a subject is refused, wildcards that were published among them', async () => {
    await using _gateway = await openGateway('names');
    await using client = await openClient();
    for (const subject of ['f.1.2', '*', '>', '*.1', 'ü', 'f%2Eg', 'f%'])
      assert.equal((await client.ask(`names.invoke.${subject}`)).status, '400', subject);
    assert.equal((await client.ask('names.invoke.g')).status, '404');
    assert.equal((await client.ask('names.event.g')).status, '404');
  });

  test('an event is durable when it is acknowledged, and one event however often it is sent', async () => {
    await using gateway = await openGateway('events');
    await using client = await openClient();
    const id = { 'Nats-Msg-Id': 'order-1' };
    assert.equal((await client.ask('events.event.f', '{"n":1}', id)).status, '202');
    assert.equal((await client.ask('events.event.f', '{"n":1}', id)).status, '202');
    client.connection.publish('events.event.f', '{"n":2}');
    const queues = await AsyncQueues.open(gateway.bus, { partitions: 2, maxMessages: 100 });
    await waitFor('both events', async () => (await queues.depth()).messages === 2);
  });

  test('the example invokes, and sends an event twice that is one', async () => {
    await using gateway = await openGateway('lambent');
    const script = path.join(TEST_TOOLS.repository, 'examples/clients/nats_invoke.py');
    const run = promisify(execFile);
    const { stdout, stderr } = await run(TEST_TOOLS.python, [script, engine.url, 'f', '{"name": "Ada"}']);
    assert.deepEqual(JSON.parse(stdout), { name: 'Ada' });
    assert.match(stderr, /^accepted as ([\da-f-]{36})\naccepted as \1\n$/);
    const queues = await AsyncQueues.open(gateway.bus, { partitions: 2, maxMessages: 100 });
    assert.equal((await queues.depth()).messages, 1);
  });

  test('another cluster on the same server hears nothing of it', async () => {
    await using gateway = await openGateway('mine');
    await using client = await openClient();
    await assert.rejects(client.ask('yours.invoke.f'), /no responders/i);
    assert.equal(gateway.invoker.invocations.length, 0);
  });

  test('gateways share what comes, and one that drains leaves it to the others', async () => {
    const leaving = await openGateway('shared');
    await using staying = await openGateway('shared');
    await using client = await openClient();
    const asked = Array.from({ length: 40 }, () => client.ask('shared.invoke.f'));
    for (const { status } of await Promise.all(asked)) assert.equal(status, '200');
    const [one, other] = [leaving, staying].map(({ invoker }) => invoker.invocations.length);
    assert.equal((one ?? 0) + (other ?? 0), 40);
    assert.ok(one && other, `${one} and ${other}`);

    const finish = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    leaving.invoker.answer = async () => {
      started.resolve();
      await finish.promise;
      return completion({ kind: 'ok', payload: Buffer.from('"late"') });
    };
    // Until one of them has reached the gateway that leaves.
    const late: ReturnType<typeof client.ask>[] = [];
    const caught = started.promise.then(() => true);
    do late.push(client.ask('shared.invoke.f'));
    while (!(await Promise.race([caught, client.ask('shared.invoke.f.$LATEST').then(() => false)])));
    const closing = leaving.gateway[Symbol.asyncDispose]();
    await waitFor('the listeners to close', () =>
      fetch(leaving.gateway.url).then(
        () => false,
        () => true,
      ),
    );
    const before = leaving.invoker.invocations.length;
    for (let n = 0; n < 20; n++) assert.equal((await client.ask('shared.invoke.f')).status, '200');
    assert.equal(leaving.invoker.invocations.length, before);
    finish.resolve();
    for (const { status } of await Promise.all(late)) assert.equal(status, '200');
    await closing;
    await leaving[Symbol.asyncDispose]();
  });

  test('the largest response that fits is delivered, and one that does not is refused', async () => {
    await using gateway = await openGateway('large');
    await using client = await openClient();
    gateway.invoker.answer = async () => completion({ kind: 'ok', payload: Buffer.alloc(2_080_768, '1') });
    assert.equal((await client.ask('large.invoke.f')).body.length, 2_080_768);
    gateway.invoker.answer = async () => completion({ kind: 'ok', payload: Buffer.alloc(2_080_769, '1') });
    assert.equal((await client.ask('large.invoke.f')).status, '413');
  });

  test('the largest event is taken, and one beyond it is refused although the server carries it', async () => {
    await using gateway = await openGateway('bounds');
    await using client = await openClient();
    const event = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`;
    gateway.invoker.answer = async () => completion({ kind: 'ok', payload: Buffer.from('1') });
    assert.equal((await client.ask('bounds.invoke.f', event(2_097_152))).status, '200');
    const { status, body } = await client.ask('bounds.invoke.f', event(2_097_153));
    assert.equal(status, '413');
    assert.match(body, /must be smaller than 2097152 bytes/);
    assert.equal((await client.ask('bounds.event.f', event(1_048_576))).status, '202');
    assert.equal((await client.ask('bounds.event.f', event(1_048_577))).status, '413');
  });

  test("an answer that finds the connection closed is nobody else's trouble", async () => {
    await using gateway = await openGateway('closed');
    await using client = await openClient();
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    gateway.invoker.answer = async ({ payload }) => {
      started.resolve();
      await finish.promise;
      return completion({ kind: 'ok', payload });
    };
    const asked = assert.rejects(client.ask('closed.invoke.f'));
    await started.promise;
    await gateway.connection.core.close();
    finish.resolve();
    await gateway.gateway[Symbol.asyncDispose]();
    await client.connection.close();
    await asked;
  });

  test('headers without measure are borne', async () => {
    await using _gateway = await openGateway('headers');
    await using client = await openClient();
    const long = 'x'.repeat(1_000_000);
    const headers = {
      traceparent: long,
      'X-Amzn-Trace-Id': `Root=1-5759e988-bd862e3fe1be46a994272793;${long}`,
    };
    assert.equal((await client.ask('headers.invoke.f', '', headers)).status, '200');
    assert.equal(
      (await client.ask('headers.invoke.f', '', { 'Lambent-Client-Context': long })).status,
      '400',
    );
    assert.equal((await client.ask('headers.event.f', '', { 'Nats-Msg-Id': long })).status, '202');
  });
});
