import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  type ConnectRequest,
  ConnectRequestSchema,
  type ConnectResponse,
  ConnectResponseSchema,
  EnlistRequestSchema,
  type EnlistResponse,
  EnlistResponseSchema,
  NeedRequestSchema,
  NeedResponseSchema,
  NeedVerdict,
} from '@lambent/contracts';
import { isFailure } from '@lambent/core';
import type { Link, Stream, StreamEvents } from '@lambent/link';
import { waitFor } from '../wait-for.ts';

/** Two members of one network, as an adapter makes them. */
export interface LinkPair extends AsyncDisposable {
  readonly near: Link;
  readonly far: Link;
  /** An address that `far` can serve a worker or placement at, and that nobody serves at. */
  readonly address: string;
}

/** The promises of `Link`, for any adapter. */
export function linkContract(name: string, open: () => Promise<LinkPair>): void {
  test(`${name}: messages of one stream arrive in order, whole and once`, async () => {
    await using pair = await open();
    const received: string[] = [];
    await using served = await pair.far.serveWorker(pair.address, () => ({
      message: ({ message }) => {
        if (message.case === 'query') received.push(...message.value.requestIds);
      },
      closed: () => undefined,
    }));
    const stream = await pair.near.openWorker(served.address, deaf());
    const sent = Array.from({ length: 500 }, (_, index) => `id-${index}`);
    for (const id of sent) stream.send(query(id));
    await waitFor('every message', () => received.length === sent.length);
    assert.deepEqual(received, sent);
    stream.close();
  });

  test(`${name}: nobody is called back while sending`, async () => {
    await using pair = await open();
    let sending = false;
    let heard = 0;
    await using served = await pair.far.serveWorker(pair.address, () => ({
      message: () => {
        assert.equal(sending, false);
        heard++;
      },
      closed: () => undefined,
    }));
    const stream = await pair.near.openWorker(served.address, deaf());
    sending = true;
    stream.send(query('a'));
    sending = false;
    await waitFor('the message', () => heard === 1);
    stream.close();
  });

  test(`${name}: closing one end closes both, once, and what was sent before still arrives`, async () => {
    await using pair = await open();
    const far: string[] = [];
    const near: string[] = [];
    await using served = await pair.far.serveWorker(pair.address, () => ({
      message: ({ message }) => far.push(message.case ?? 'none'),
      closed: () => far.push('closed'),
    }));
    const stream = await pair.near.openWorker(served.address, {
      message: () => near.push('message'),
      closed: () => near.push('closed'),
    });
    stream.send(query('last'));
    stream.close();
    stream.close();
    stream.send(query('after'));
    await waitFor('both ends to close', () => far.includes('closed') && near.includes('closed'));
    assert.deepEqual(far, ['query', 'closed']);
    assert.deepEqual(near, ['closed']);
  });

  test(`${name}: a server that stops closes its streams, and is absent`, async () => {
    await using pair = await open();
    const served = await pair.far.serveWorker(pair.address, () => deaf());
    let closed = false;
    await pair.near.openWorker(served.address, { message: () => undefined, closed: () => (closed = true) });
    await served[Symbol.asyncDispose]();
    await waitFor('the stream to close', () => closed);
    await assert.rejects(pair.near.openWorker(served.address, deaf()), error =>
      isFailure(error, 'peer-absent'),
    );
  });

  test(`${name}: the server answers on the stream it was opened with`, async () => {
    await using pair = await open();
    await using served = await pair.far.serveWorker(pair.address, stream => ({
      message: ({ message }) => {
        if (message.case !== 'query') return;
        const standing = { running: message.value.requestIds, neverSeen: [] };
        stream.send(create(ConnectResponseSchema, { message: { case: 'standing', value: standing } }));
      },
      closed: () => undefined,
    }));
    const answers: ConnectResponse[] = [];
    const stream = await pair.near.openWorker(served.address, {
      message: message => answers.push(message),
      closed: () => undefined,
    });
    stream.send(query('a'));
    await waitFor('the answer', () => answers.length === 1);
    assert.equal(answers[0]?.message.case, 'standing');
    stream.close();
  });

  test(`${name}: opening and calling where nobody serves is peer-absent`, async () => {
    await using pair = await open();
    await assert.rejects(pair.near.openWorker(pair.address, deaf()), error =>
      isFailure(error, 'peer-absent'),
    );
    await assert.rejects(pair.near.openPlacement(pair.address, deaf()), error =>
      isFailure(error, 'peer-absent'),
    );
    await assert.rejects(
      pair.near.need(pair.address, create(NeedRequestSchema, {}), { timeoutMs: 1_000 }),
      error => isFailure(error, 'peer-absent'),
    );
  });

  test(`${name}: placement answers a need, carries enlisted workers, and is late typed`, async () => {
    await using pair = await open();
    let worker: Stream<EnlistResponse> | undefined;
    await using served = await pair.far.servePlacement(pair.address, {
      need: request =>
        request.waiting === 0
          ? new Promise(() => undefined)
          : Promise.resolve(
              create(NeedResponseSchema, { verdict: NeedVerdict.STARTING, starting: request.waiting }),
            ),
      enlist: stream => {
        worker = stream;
        return deaf();
      },
    });
    const commands: number[] = [];
    const enlisted = await pair.near.openPlacement(served.address, {
      message: ({ message }) => {
        if (message.case === 'start') commands.push(message.value.count);
      },
      closed: () => undefined,
    });
    enlisted.send(create(EnlistRequestSchema, { message: { case: 'report', value: { workerId: 'w' } } }));
    const answer = await pair.near.need(served.address, create(NeedRequestSchema, { waiting: 3 }), {
      timeoutMs: 5_000,
    });
    assert.equal(answer.starting, 3);
    await waitFor('the worker to enlist', () => worker !== undefined);
    worker?.send(create(EnlistResponseSchema, { message: { case: 'start', value: { count: 2 } } }));
    await waitFor('the command', () => commands.length === 1);
    assert.deepEqual(commands, [2]);
    await assert.rejects(
      pair.near.need(served.address, create(NeedRequestSchema, { waiting: 0 }), { timeoutMs: 20 }),
      error => isFailure(error, 'request-timeout'),
    );
    enlisted.close();
  });
}

function query(id: string): ConnectRequest {
  return create(ConnectRequestSchema, { message: { case: 'query', value: { requestIds: [id] } } });
}

function deaf<Receive>(): StreamEvents<Receive> {
  return { message: () => undefined, closed: () => undefined };
}
