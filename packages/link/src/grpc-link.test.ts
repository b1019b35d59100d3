import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { createAuthority, issue, type Role } from '@lambent/certificates';
import {
  type ConnectRequest,
  ConnectRequestSchema,
  type ConnectResponse,
  ConnectResponseSchema,
  EnlistRequestSchema,
  NeedRequestSchema,
} from '@lambent/contracts';
import {
  type Clock,
  isFailure,
  SimulatedClock,
  SystemClock,
  SystemRandom,
  type TlsMaterial,
} from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { linkContract, waitFor } from '@lambent/testing';
import { GrpcLink } from './grpc-link.ts';
import { TRANSFER_MS_MAX } from './grpc-options.ts';
import { MESSAGE_BYTES_MAX, type Stream, UNSENT_BYTES_MAX } from './link.ts';

const SIX_MB = 6 * 1024 * 1024;
const ANYWHERE = '127.0.0.1:0';

const authority = await createAuthority({ clock: new SystemClock(), name: 'test' });
const tls = { near: await issued('gateway'), far: await issued('worker') };

linkContract('gRPC link', async () => pair());
linkContract('gRPC link with TLS', async () => pair(tls));

describe('messages too large for a stream', { concurrency: true }, () => {
  test('they arrive whole both ways, and small ones do not wait behind them', async () => {
    await using there = await openedPair();
    const { near, far, heard } = there;
    near.send(invoke('large', SIX_MB));
    near.send(invoke('small', 10));
    far.send(result('large', SIX_MB));
    far.send(result('small', 10));
    await waitFor('all four', () => heard.near.length === 2 && heard.far.length === 2);
    assert.deepEqual(heard.far, ['small', 'large']);
    assert.deepEqual(heard.near, ['small', 'large']);
  });

  test('as large as a message may be, and many at once', async () => {
    await using there = await openedPair();
    const { near, far, heard } = there;
    near.send(invoke('largest', MESSAGE_BYTES_MAX - 1_024));
    far.send(result('largest', MESSAGE_BYTES_MAX - 1_024));
    for (let index = 0; index < 20; index++) {
      near.send(invoke(`${index}`, 500_000 + index));
      far.send(result(`${index}`, 500_000 + index));
    }
    await waitFor('all of them', () => heard.near.length === 21 && heard.far.length === 21);
    assert.deepEqual(heard.near.toSorted(), heard.far.toSorted());
    assert.deepEqual(there.closed, []);
  });

  test('one that its sender should have refused is a mistake of the program', async () => {
    await using there = await openedPair();
    assert.throws(() => there.near.send(invoke('too large', MESSAGE_BYTES_MAX)), { code: 'ERR_ASSERTION' });
  });

  test('they still arrive when their sender closes the stream, or ends altogether', async () => {
    for (const end of ['close', 'dispose'] as const) {
      const there = await openedPair();
      there.near.send(invoke('last', SIX_MB));
      if (end === 'close') there.near.close();
      else await there.nearLink[Symbol.asyncDispose]();
      await waitFor('the far end to close', () => there.closed.includes('far'));
      assert.deepEqual(there.heard.far, ['last']);
      await there[Symbol.asyncDispose]();
    }
    for (const end of ['close', 'dispose'] as const) {
      const there = await openedPair();
      there.far.send(result('last', SIX_MB));
      if (end === 'close') there.far.close();
      else await there.served[Symbol.asyncDispose]();
      await waitFor('the near end to close', () => there.closed.includes('near'));
      assert.deepEqual(there.heard.near, ['last']);
      await there[Symbol.asyncDispose]();
    }
  });
});

describe('a peer that reads no more', { concurrency: true }, () => {
  test('the stream to it closes when too much waits, instead of growing', async () => {
    await using peer = await Peer.start('worker');
    await using link = linkOf();
    const { stream, causes } = await opened(link, peer.address);
    peer.freeze();
    const message = invoke('shared', 200_000);
    assert.ok(sendUntilClosed(causes, () => stream.send(message)));
    await waitFor('the stream to close', () => causes.length > 0);
    assert.match(String(causes[0]), /bytes wait for a side that is too slow/);
  });

  test('the stream from it closes likewise, and its connection with it', async () => {
    for (const bytes of [200_000, SIX_MB]) {
      await using link = linkOf();
      let stream: Stream<ConnectResponse> | undefined;
      const causes: string[] = [];
      const served = await link.serveWorker(ANYWHERE, accepted => {
        stream = accepted;
        return { message: () => undefined, closed: cause => causes.push(cause) };
      });
      await using peer = await Peer.start('router', served.address);
      peer.freeze();
      const message = result('r', bytes);
      assert.ok(sendUntilClosed(causes, () => stream?.send(message)));
      await waitFor('the stream to close', () => causes.length > 0);
      assert.match(String(causes[0]), /bytes wait for a side that is too slow/);
      await served[Symbol.asyncDispose]();
    }
  });

  test('a message that is not fetched in time closes the stream', async () => {
    const clock = new SimulatedClock();
    await using link = linkOf({ clock });
    let stream: Stream<ConnectResponse> | undefined;
    const causes: string[] = [];
    const served = await link.serveWorker(ANYWHERE, accepted => {
      stream = accepted;
      return { message: () => undefined, closed: cause => causes.push(cause) };
    });
    await using peer = await Peer.start('router', served.address);
    peer.freeze();
    stream?.send(result('r', SIX_MB));
    await clock.advance(TRANSFER_MS_MAX - 1);
    assert.deepEqual(causes, []);
    await clock.advance(1);
    assert.match(String(causes[0]), /did not arrive within/);
    peer.kill();
    await served[Symbol.asyncDispose]();
  });

  test('keepalive notices it when nobody else does', async () => {
    await using peer = await Peer.start('worker');
    await using link = linkOf();
    const { causes } = await opened(link, peer.address);
    peer.freeze();
    await waitFor('the stream to close', () => causes.length > 0, { timeoutMs: 16_000 });
  });

  test('opening a stream to it is given up, and leaves no socket behind', async () => {
    for (const material of [undefined, tls]) {
      await using peer = await Peer.start('worker', ANYWHERE, material?.far);
      await using link = linkOf({ tls: material?.near });
      peer.freeze();
      await assert.rejects(opened(link, peer.address), broken(/no answer within/));
      await waitFor('its socket to go', () => peer.connections().then(count => count === 0));
    }
  });
});

describe('a peer that dies', { concurrency: true }, () => {
  test('the stream to it closes', async () => {
    await using peer = await Peer.start('worker');
    await using link = linkOf();
    const { causes } = await opened(link, peer.address);
    peer.kill();
    await waitFor('the stream to close', () => causes.length === 1);
  });

  test('the next one at its address is reached at once', async () => {
    await using link = linkOf();
    const need = (address: string) => link.need(address, create(NeedRequestSchema), { timeoutMs: 5_000 });
    for (const part of ['worker', 'placement'] as const) {
      const first = await Peer.start(part);
      const reach = () => (part === 'worker' ? opened(link, first.address) : need(first.address));
      await reach();
      first.kill();
      await first.gone;
      // Enough failures for a back-off that would be felt.
      for (let tries = 0; tries < 10; tries++)
        await assert.rejects(reach(), broken(/ECONNREFUSED|dropped|gone/));
      await using _second = await Peer.start(part, first.address);
      await reach();
    }
  });
});

describe('TLS', () => {
  test('whoever shows no certificate, or one of another authority, is refused', async () => {
    const other = await createAuthority({ clock: new SystemClock(), name: 'other' });
    const foreign = await issue(other, {
      role: 'gateway',
      id: 'g',
      hosts: [],
      days: 1,
      clock: new SystemClock(),
    });
    const refused: readonly [TlsMaterial | undefined, RegExp][] = [
      [undefined, /does not trust this member's certificate, or only one of them speaks TLS/],
      [{ ...foreign, ca: authority.ca }, /does not trust this member/],
      [foreign, /did not sign the certificate that it shows/],
    ];
    await using far = linkOf({ tls: tls.far });
    const served = await far.serveWorker(ANYWHERE, () => assert.fail('it was let in'));
    for (const [material, cause] of refused) {
      await using near = linkOf({ tls: material });
      await assert.rejects(opened(near, served.address), broken(cause));
    }
  });

  test('what is renewed is shown on new connections, and those that stand go on', async () => {
    const [near, far] = [{ ...tls.near }, { ...tls.far }];
    await using there = await openedPair({ near, far });
    const successor = await createAuthority({ clock: new SystemClock(), name: 'test' });
    Object.assign(near, await issued('gateway', successor));
    Object.assign(far, await issued('worker', successor));
    const { stream } = await opened(there.nearLink, there.served.address);
    stream.close();
    await using late = linkOf({ tls: tls.near });
    await assert.rejects(opened(late, there.served.address), broken(/certificate/));
    there.near.send(invoke('old', 10));
    there.far.send(result('old', 10));
    await waitFor('the first stream to carry on', () => there.heard.near.length + there.heard.far.length > 1);
    assert.ok(!there.closed.includes('near'));
  });

  test('a certificate that has expired is named as the cause, whosever it is', async () => {
    const clock = new SimulatedClock({ startMs: new SystemClock().nowMs() - 2 * 86_400_000 });
    const [near, far] = [await issued('gateway', authority, clock), await issued('worker', authority, clock)];
    const cases = [
      [{ ...tls, far }, /the certificate that it shows has expired/],
      [{ ...tls, near }, /does not trust this member's certificate/],
    ] as const;
    for (const [material, cause] of cases) {
      await using links = pair(material);
      const served = await links.far.serveWorker(ANYWHERE, () => assert.fail('it was let in'));
      await assert.rejects(opened(links.near, served.address), broken(cause));
    }
  });

  test("a client's certificate is not one of a member", async () => {
    await using far = linkOf({ tls: tls.far });
    await using near = linkOf({ tls: await issued('client') });
    const worker = await far.serveWorker(ANYWHERE, () => assert.fail('it was let in'));
    await assert.rejects(opened(near, worker.address), broken(/only members/));
    const placement = await far.servePlacement(ANYWHERE, {
      need: () => assert.fail('it was asked'),
      enlist: () => assert.fail('it was let in'),
    });
    const need = near.need(placement.address, create(NeedRequestSchema), { timeoutMs: 5_000 });
    await assert.rejects(need, broken(/only members/));
  });

  test('nobody poses as a member with the certificate of a client', async () => {
    await using far = linkOf({ tls: await issued('client') });
    await using near = linkOf({ tls: tls.near });
    const served = await far.serveWorker(ANYWHERE, () => assert.fail('it was let in'));
    await assert.rejects(opened(near, served.address), broken(/certificate purpose/));
  });
});

test("a worker's report may be as large as a message may be", async () => {
  await using there = pair();
  const reports: number[] = [];
  const served = await there.far.servePlacement(ANYWHERE, {
    need: () => assert.fail('nobody asks'),
    enlist: () => ({
      message: ({ message }) =>
        void (message.case === 'report' && reports.push(message.value.codeCached.length)),
      closed: () => undefined,
    }),
  });
  const placement = await there.near.openPlacement(served.address, {
    message: () => undefined,
    closed: () => undefined,
  });
  const codeCached = Array.from({ length: 20_000 }, () => 'd'.repeat(64));
  placement.send(create(EnlistRequestSchema, { message: { case: 'report', value: { codeCached } } }));
  await waitFor('the report', () => reports.length === 1);
  assert.deepEqual(reports, [20_000]);
});

test('a link that has ended opens and asks nothing more', async () => {
  const link = linkOf();
  await link[Symbol.asyncDispose]();
  await link[Symbol.asyncDispose]();
  await assert.rejects(opened(link, ANYWHERE), broken(/ending/));
  await assert.rejects(link.need(ANYWHERE, create(NeedRequestSchema), { timeoutMs: 1 }), broken(/ending/));
});

async function issued(role: Role, by = authority, clock: Clock = new SystemClock()): Promise<TlsMaterial> {
  return issue(by, { role, id: '1', hosts: [], days: 1, clock });
}

function linkOf(options: { tls?: TlsMaterial | undefined; clock?: Clock } = {}): GrpcLink {
  return new GrpcLink({
    ...(options.tls && { tls: options.tls }),
    clock: options.clock ?? new SystemClock(),
    random: new SystemRandom(),
    logger: createLogger({ level: 'silent', service: 'test' }),
  });
}

function pair(material?: { near: TlsMaterial; far: TlsMaterial }) {
  const near = linkOf({ tls: material?.near });
  const far = linkOf({ tls: material?.far });
  return {
    near,
    far,
    address: ANYWHERE,
    async [Symbol.asyncDispose]() {
      await Promise.all([near[Symbol.asyncDispose](), far[Symbol.asyncDispose]()]);
    },
  };
}

/** Both ends of one stream, and the ids of what they heard, once its payload was found to be what was sent. */
async function openedPair(material?: { near: TlsMaterial; far: TlsMaterial }) {
  const links = pair(material);
  const heard = { near: [] as string[], far: [] as string[] };
  const closed: string[] = [];
  let far: Stream<ConnectResponse> | undefined;
  const served = await links.far.serveWorker(ANYWHERE, stream => {
    far = stream;
    return { message: request => heard.far.push(idOf(request)), closed: () => closed.push('far') };
  });
  const near = await links.near.openWorker(served.address, {
    message: response => heard.near.push(idOf(response)),
    closed: () => closed.push('near'),
  });
  assert.ok(far);
  const dispose = links[Symbol.asyncDispose];
  return { near, far, heard, closed, served, nearLink: links.near, [Symbol.asyncDispose]: dispose };
}

async function opened(link: GrpcLink, address: string) {
  const causes: string[] = [];
  const stream = await link.openWorker(address, {
    message: () => undefined,
    closed: cause => causes.push(cause),
  });
  return { stream, causes };
}

function broken(detail: RegExp) {
  return (error: unknown) => {
    assert.ok(isFailure(error, 'link-broken') || isFailure(error, 'peer-absent'), String(error));
    assert.match(String(error.fields['detail']), detail);
    return true;
  };
}

/** In one go, so that nothing can leave meanwhile. Gives whether all of it was taken without telling anybody. */
function sendUntilClosed(causes: readonly string[], send: () => void): boolean {
  for (let sent = 0; sent < 2 * UNSENT_BYTES_MAX; sent += 200_000) send();
  return causes.length === 0;
}

function payloadOf(id: string, bytes: number): Buffer {
  return Buffer.alloc(bytes, id);
}

function invoke(requestId: string, bytes: number): ConnectRequest {
  const value = { requestId, payload: payloadOf(requestId, bytes) };
  return create(ConnectRequestSchema, { message: { case: 'invoke', value } });
}

function result(requestId: string, bytes: number): ConnectResponse {
  const value = { requestId, payload: payloadOf(requestId, bytes) };
  return create(ConnectResponseSchema, { message: { case: 'result', value } });
}

function idOf({ message }: ConnectRequest | ConnectResponse): string {
  assert.ok(message.case === 'invoke' || message.case === 'result', message.case);
  const { requestId, payload } = message.value;
  assert.ok(payloadOf(requestId, payload.length).equals(payload), 'the payload is not what was sent');
  return requestId;
}

/** Another process at the far end. */
class Peer implements AsyncDisposable {
  readonly address: string;
  readonly gone: Promise<unknown>;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#process = child;
    this.address = address;
    this.gone = once(child, 'exit');
  }

  static async start(part: 'worker' | 'placement' | 'router', address = ANYWHERE, material?: TlsMaterial) {
    const args = [part, address, ...(material ? [JSON.stringify(material)] : [])];
    const child = fork(new URL('./grpc-peer-under-test.ts', import.meta.url), args);
    const [reported] = await once(child, 'message');
    return new Peer(child, String(reported));
  }

  /** How many connections lead to it, by the kernel's account. */
  async connections(): Promise<number> {
    const port = Number(this.address.split(':')[1]).toString(16).toUpperCase().padStart(4, '0');
    const table = await readFile('/proc/self/net/tcp', 'utf8');
    // Remote address, established.
    return table.split('\n').filter(line => new RegExp(`^ *\\d+: \\S+ \\S+:${port} 01 `).test(line)).length;
  }

  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.gone;
  }
}
