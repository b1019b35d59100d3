import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Clock, isFailure, SimulatedClock, SystemClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { NatsConnection } from '@lambent/nats';
import { blobsContract, startTestNats, startTestNatsCluster, waitFor } from '@lambent/testing';
import { NatsBlobs } from './nats-blobs.ts';

const CLOCK = new SystemClock();
const MEBIBYTE = 1024 * 1024;
const HOUR_MS = 3_600_000;
const ANY_AGE = { storedBeforeMs: Number.POSITIVE_INFINITY };

blobsContract('NatsBlobs', async () => {
  const stage = await Stage.open();
  return {
    get blobs() {
      return stage.blobs;
    },
    damage: digest => stage.damage(digest, 0),
    async age(digest, byMs) {
      const { atMs, ...rest } = await stage.record(digest);
      await stage.publish(digest, 'record', JSON.stringify({ ...rest, atMs: atMs - byMs }));
    },
    reopen: () => stage.reopen(),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  };
});

test('what was put is there after the broker was killed and came back', async () => {
  await using stage = await Stage.open();
  const bytes = patterned(5 * MEBIBYTE);
  const { digest } = await stage.blobs.put(bytes);
  await stage.restart();
  assert.ok(Buffer.from(bytes).equals(await whole(stage.blobs, digest)));
});

test('while the broker is away everything is storage-failed, and a put that was cut off can be repeated', async () => {
  await using stage = await Stage.open();
  const bytes = patterned(20 * MEBIBYTE);
  const put = stage.blobs.put(bytes);
  await stage.written(4);
  await stage.engine.server.kill9();
  const digest = createHash('sha256').update(bytes).digest('hex');
  const asked = [
    put,
    stage.blobs.stat(digest),
    stage.blobs.delete(digest, ANY_AGE),
    whole(stage.blobs, digest),
  ];
  for (const result of await Promise.allSettled(asked))
    assert.ok(result.status === 'rejected' && isFailure(result.reason, 'storage-failed'));
  await stage.restart();
  assert.equal(await stage.blobs.stat(digest), undefined, 'half of it is nothing');
  await stage.blobs.put(bytes);
  assert.ok(Buffer.from(bytes).equals(await whole(stage.blobs, digest)));
});

test('a further put writes the record and no chunk that is right', async () => {
  await using stage = await Stage.open();
  const bytes = patterned(10 * MEBIBYTE);
  const { digest } = await stage.blobs.put(bytes);
  const before = await stage.lastSequence();
  await stage.blobs.put(bytes);
  assert.equal((await stage.lastSequence()) - before, 1);
  await stage.damage(digest, 7);
  await stage.blobs.put(bytes);
  assert.equal((await stage.lastSequence()) - before, 4, 'the damage, the chunk, the record');
  assert.ok(Buffer.from(bytes).equals(await whole(stage.blobs, digest)));
});

test('a chunk that is gone is code-corrupt, not waited for', async () => {
  await using stage = await Stage.open();
  const { digest } = await stage.blobs.put(patterned(2 * MEBIBYTE));
  await stage.connection.manager.streams.purge('test-blobs', { filter: `test.blobs.${digest}.2` });
  await assert.rejects(whole(stage.blobs, digest), error => isFailure(error, 'code-corrupt'));
});

test('puts of the same bytes in several processes are all done, and leave it there once', async () => {
  await using stage = await Stage.open();
  await using other = await stage.another();
  const bytes = patterned(8 * MEBIBYTE);
  const infos = await Promise.all(
    [stage.blobs, other.blobs, stage.blobs, other.blobs].map(blobs => blobs.put(bytes)),
  );
  assert.equal(new Set(infos.map(({ digest }) => digest)).size, 1);
  assert.equal((await Array.fromAsync(stage.blobs.list())).length, 1);
  assert.ok(Buffer.from(bytes).equals(await whole(other.blobs, infos[0]?.digest ?? '')));
});

test("when a blob was put is told by the broker's clock, whatever the machine's says", async () => {
  await using stage = await Stage.open({ clock: new SimulatedClock({ startMs: 0 }) });
  const { digest } = await stage.blobs.put(patterned(10));
  const { atMs } = await stage.record(digest);
  assert.ok(Math.abs(atMs - CLOCK.nowMs()) < HOUR_MS / 2, `${atMs}`);
  await using other = await stage.another();
  assert.ok(Math.abs((await other.blobs.nowMs()) - CLOCK.nowMs()) < HOUR_MS / 2);
});

test('what is deleted leaves the disk an hour later, what was put again meanwhile does not', async () => {
  const clock = new SimulatedClock();
  await using stage = await Stage.open({ clock });
  const deleted = await stage.blobs.put(patterned(MEBIBYTE));
  const again = await stage.blobs.put(patterned(2 * MEBIBYTE));
  for (const { digest } of [deleted, again]) await stage.blobs.delete(digest, ANY_AGE);
  await clock.advance(HOUR_MS - 1);
  await Array.fromAsync(stage.blobs.list());
  assert.ok((await stage.storedBytes()) > 3 * MEBIBYTE);
  await stage.blobs.put(patterned(2 * MEBIBYTE));
  await clock.advance(1);
  assert.equal((await Array.fromAsync(stage.blobs.list())).length, 1);
  assert.ok((await stage.storedBytes()) < 3 * MEBIBYTE);
  assert.equal((await whole(stage.blobs, again.digest)).length, again.bytes);
});

test('what is left of a put that never ended leaves the disk an hour later', async () => {
  const clock = new SimulatedClock();
  await using stage = await Stage.open({ clock });
  const put = stage.blobs.put(patterned(96 * MEBIBYTE));
  const refused = assert.rejects(put, error => isFailure(error, 'storage-failed'));
  await stage.written(4);
  await stage.connection[Symbol.asyncDispose]();
  await refused;
  await stage.reconnect();
  await clock.advance(HOUR_MS);
  assert.deepEqual(await Array.fromAsync(stage.blobs.list()), []);
  assert.equal(await stage.storedBytes(), 0);
});

test('a put that finds old chunks being purged writes its own', async () => {
  const clock = new SimulatedClock();
  await using stage = await Stage.open({ clock });
  const bytes = patterned(3 * MEBIBYTE);
  const { digest } = await stage.blobs.put(bytes);
  // As if whoever purges stopped for a while after saying so.
  const { generation, atMs } = await stage.record(digest);
  const purging = { state: 'purging', bytes: bytes.length, atMs, generation };
  const upTo = await stage.publish(digest, 'record', JSON.stringify(purging));
  assert.equal(await stage.blobs.stat(digest), undefined);
  await stage.blobs.put(bytes);
  await stage.connection.manager.streams.purge('test-blobs', {
    filter: `test.blobs.${digest}.>`,
    seq: upTo + 1,
  });
  assert.ok(Buffer.from(bytes).equals(await whole(stage.blobs, digest)));
});

test('past the bound a put is storage-failed, and room is made by deleting', async () => {
  const clock = new SimulatedClock();
  await using stage = await Stage.open({ clock, maxBytes: 5 * MEBIBYTE });
  const { digest } = await stage.blobs.put(patterned(4 * MEBIBYTE));
  await assert.rejects(
    stage.blobs.put(patterned(2 * MEBIBYTE)),
    error => isFailure(error, 'storage-failed') && /all of their 5242880 bytes/.test(error.message),
  );
  await stage.blobs.put(patterned(4 * MEBIBYTE));
  assert.equal(await stage.blobs.delete(digest, ANY_AGE), true);
  await clock.advance(HOUR_MS);
  await Array.fromAsync(stage.blobs.list());
  await stage.blobs.put(patterned(2 * MEBIBYTE));
});

test('a stream without room for a chunk still takes what says that a blob is deleted', async () => {
  await using stage = await Stage.open();
  const { digest } = await stage.blobs.put(patterned(MEBIBYTE));
  const { config, state } = await stage.connection.manager.streams.info('test-blobs');
  await stage.connection.manager.streams.update('test-blobs', { ...config, max_bytes: state.bytes + 4_096 });
  await assert.rejects(stage.blobs.put(patterned(10_000)), error => isFailure(error, 'storage-failed'));
  assert.equal(await stage.blobs.delete(digest, ANY_AGE), true);
});

test('of three servers one may be killed: what was put is there, and more can be put', async () => {
  const servers = await startTestNatsCluster(3);
  await using stack = new AsyncDisposableStack();
  for (const server of servers) stack.use(server);
  const connection = stack.use(
    await connect(
      servers.map(({ url }) => url),
      { replicas: 3 },
    ),
  );
  const blobs = await waitFor('the servers to know each other', () =>
    NatsBlobs.open({ connection, clock: CLOCK }),
  );
  const bytes = patterned(5 * MEBIBYTE);
  const { digest } = await blobs.put(bytes);
  const { cluster } = await connection.manager.streams.info('test-blobs');
  const leader = Number(cluster?.leader?.replace('nats-', ''));
  await servers[leader]?.server.kill9();
  const more = await waitFor('another leader', () => blobs.put(patterned(10)), { timeoutMs: 45_000 });
  assert.ok(Buffer.from(bytes).equals(await whole(blobs, digest)));
  assert.equal((await whole(blobs, more.digest)).length, 10);
});

test('putting and reading 60 MiB holds them once beside the caller’s own', async () => {
  await using stage = await Stage.open();
  const bytes = patterned(60 * MEBIBYTE);
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const held = () => {
    collectGarbage();
    const { arrayBuffers, external } = process.memoryUsage();
    return Math.max(arrayBuffers, external);
  };
  const before = held();
  let most = 0;
  const put = stage.blobs.put(bytes);
  let done = false;
  void put.finally(() => (done = true));
  await waitFor(
    'the put',
    () => {
      most = Math.max(most, held() - before);
      return done;
    },
    { timeoutMs: 60_000 },
  );
  const { digest } = await put;
  assert.ok(most < 1.3 * bytes.length, `${most} bytes were held while putting`);

  most = 0;
  const hash = createHash('sha256');
  for await (const chunk of stage.blobs.read(digest)) {
    hash.update(chunk);
    most = Math.max(most, held() - before);
  }
  assert.equal(hash.digest('hex'), digest);
  assert.ok(most < 0.2 * bytes.length, `${most} bytes were held while reading`);
});

/** A broker of its own, and blobs on it. */
class Stage implements AsyncDisposable {
  readonly engine: Engine;
  readonly #options: StageOptions;
  connection!: NatsConnection;
  blobs!: NatsBlobs;

  private constructor(engine: Engine, options: StageOptions) {
    this.engine = engine;
    this.#options = options;
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const stage = new Stage(await startTestNats(), options);
    await stage.reconnect();
    return stage;
  }

  async reconnect(): Promise<void> {
    ({ connection: this.connection, blobs: this.blobs } = await this.another());
  }

  /** As another process has them. */
  async another() {
    const connection = await connect([this.engine.url]);
    const blobs = await NatsBlobs.open({ clock: CLOCK, ...this.#options, connection });
    return { connection, blobs, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() };
  }

  async reopen(): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
    await this.reconnect();
  }

  /** As a power cut would. */
  async restart(): Promise<void> {
    await this.engine.restart();
    await waitFor('the connection', () => this.connection.state === 'connected');
  }

  async damage(digest: string, index: number): Promise<void> {
    await this.publish(digest, String(index), 'wrong');
  }

  async publish(digest: string, part: string, body: string): Promise<number> {
    return (await this.connection.jetstream.publish(`test.blobs.${digest}.${part}`, body)).seq;
  }

  async record(digest: string): Promise<{ atMs: number; generation: number }> {
    const query = { last_by_subj: `test.blobs.${digest}.record` };
    const found = await this.connection.manager.streams.getMessage('test-blobs', query);
    assert(found);
    return found.json();
  }

  async lastSequence(): Promise<number> {
    return (await this.connection.manager.streams.info('test-blobs')).state.last_seq;
  }

  async storedBytes(): Promise<number> {
    return (await this.connection.manager.streams.info('test-blobs')).state.bytes;
  }

  /** Waits until the stream holds so many messages. */
  written(messages: number): Promise<unknown> {
    return waitFor(`${messages} messages`, async () => (await this.lastSequence()) >= messages);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection[Symbol.asyncDispose]();
    await this.engine[Symbol.asyncDispose]();
  }
}

type Engine = Awaited<ReturnType<typeof startTestNats>>;

interface StageOptions {
  readonly clock?: Clock;
  readonly maxBytes?: number;
}

function connect(servers: string[], options: { replicas?: number } = {}): Promise<NatsConnection> {
  return NatsConnection.open({
    servers,
    name: 'test',
    cluster: 'test',
    clusterId: 'own',
    clock: CLOCK,
    logger: createLogger({ level: 'silent', service: 'test' }),
    ...options,
  });
}

function patterned(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31) ^ (index >> 8);
  return bytes;
}

async function whole(blobs: NatsBlobs, digest: string): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(blobs.read(digest)));
}
