/** InvokeWithResponseStream, through AWS's own client. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  InvokeWithResponseStreamCommand,
  type InvokeWithResponseStreamCommandInput,
  type LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { openTarget, type Target } from './target.ts';

const CODE = `
const { once } = require('node:events');
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  if (event.prelude) stream = awslambda.HttpResponseStream.from(stream, event.prelude);
  for (const text of event.texts ?? []) stream.write(text);
  if (event.waitMs) await new Promise(resolve => setTimeout(resolve, event.waitMs));
  if (event.throws) throw new Error(event.throws);
  if (event.exits) process.exit(event.exits);
  const chunk = Buffer.alloc(65_536, 'x');
  let stops = 0;
  for (let bytes = 0; bytes < (event.bytes ?? 0); bytes += chunk.length) {
    if (stream.write(chunk)) continue;
    stops += 1;
    if (stops === 1) console.log('stopped once');
    await once(stream, 'drain');
  }
  stream.end(event.last ?? '');
  if (event.bytes) console.log('wrote it all');
});
`;

describe('a response in parts', () => {
  let lambent: Target;
  let client: LambdaClient;
  let fn: DeployedFunction;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
    fn = await deploy(client, { files: { 'index.js': CODE }, timeoutSeconds: 60, memoryMb: 256 });
  });
  after(() => lambent[Symbol.asyncDispose]());

  const invoke = async (event: unknown, options: Partial<InvokeWithResponseStreamCommandInput> = {}) => {
    const { EventStream, ...head } = await client.send(
      new InvokeWithResponseStreamCommand({
        FunctionName: fn.name,
        Payload: Buffer.from(JSON.stringify(event)),
        ...options,
      }),
    );
    assert.ok(EventStream);
    return { head, events: EventStream[Symbol.asyncIterator]() };
  };

  /** The whole of it: its text and how it ended. */
  const read = async (event: unknown, options: Partial<InvokeWithResponseStreamCommandInput> = {}) => {
    const { head, events } = await invoke(event, options);
    const chunks: Uint8Array[] = [];
    let complete: Complete | undefined;
    for (let next = await events.next(); !next.done; next = await events.next()) {
      assert.equal(complete, undefined, 'nothing follows the end');
      if (next.value.PayloadChunk) chunks.push(next.value.PayloadChunk.Payload ?? new Uint8Array());
      else complete = next.value.InvokeComplete;
    }
    assert.ok(complete);
    return { head, complete, text: Buffer.concat(chunks).toString() };
  };

  test('is read before the function has ended', async () => {
    const { events } = await invoke({ texts: ['first'], waitMs: 1_500, last: 'last' });
    const first = await events.next();
    assert.equal(Buffer.from(first.value?.PayloadChunk?.Payload ?? []).toString(), 'first');
    const rest: string[] = [];
    const seenMs = performance.now();
    for (let next = await events.next(); !next.done; next = await events.next())
      if (next.value.PayloadChunk) rest.push(Buffer.from(next.value.PayloadChunk.Payload ?? []).toString());
    assert.deepEqual(rest, ['last']);
    assert.ok(performance.now() - seenMs > 500, 'the first part came long before the last');
  });

  test('says which version ran, and ends with the log when that was asked for', async () => {
    const { head, complete, text } = await read({ texts: ['a', 'b'] }, { LogType: 'Tail' });
    assert.equal(head.StatusCode, 200);
    assert.equal(head.ExecutedVersion, '$LATEST');
    assert.equal(text, 'ab');
    assert.equal(complete.ErrorCode, undefined);
    assert.match(Buffer.from(complete.LogResult ?? '', 'base64').toString(), /REPORT RequestId/);
  });

  test('passes an HTTP prelude on as it is', async () => {
    const prelude = { statusCode: 418 };
    const { text } = await read({ prelude, texts: ['tea'] });
    assert.equal(text, `${JSON.stringify(prelude)}${'\0'.repeat(8)}tea`);
  });

  test('that breaks off ends in what the function threw, or in how its process ended', async () => {
    const thrown = await read({ texts: ['begun'], throws: 'mid-stream' });
    assert.equal(thrown.text, 'begun');
    assert.equal(thrown.complete.ErrorCode, 'Function.Unknown');
    assert.equal(JSON.parse(thrown.complete.ErrorDetails ?? '').errorMessage, 'mid-stream');
    const exited = await read({ texts: ['begun'], exits: 3 });
    assert.equal(exited.text, 'begun');
    assert.equal(exited.complete.ErrorCode, 'Runtime.ExitError');
  });

  test('may be larger than a whole one, and a whole one comes in parts too', async () => {
    const { text } = await read({ bytes: 20 * 1_048_576 });
    assert.equal(text.length, 20 * 1_048_576);
    const whole = await deploy(client, { files: { 'index.js': 'exports.handler = async event => event' } });
    const { text: echoed } = await read({ n: 1 }, { FunctionName: whole.name });
    assert.equal(echoed, '{"n":1}');
  });

  test('is collected for Invoke', async () => {
    assert.equal((await fn.invoke({ texts: ['"a', 'b"'] })).payload, 'ab');
  });

  test('stops the function while its reader is slow, and nobody else', async () => {
    const slow = await deploy(client, { files: { 'index.js': CODE }, timeoutSeconds: 60 });
    const log = async (text: string) =>
      (await readFunctionLog(lambent, slow.name)).some(line => line.includes(text));
    // Too large for all that lies between it and its reader.
    const { events } = await invoke({ texts: ['first'], bytes: 32 * 1_048_576 }, { FunctionName: slow.name });
    await events.next();
    await waitFor('the function to stop', () => log('stopped once'));
    assert.equal((await fn.invoke({ texts: ['1'] })).payload, 1);
    assert.equal(await log('wrote it all'), false);
    let bytes = 0;
    for (let next = await events.next(); !next.done; next = await events.next())
      bytes += next.value.PayloadChunk?.Payload?.length ?? 0;
    assert.equal(bytes, 32 * 1_048_576);
  });

  test('goes on when its reader leaves', async () => {
    const abort = new AbortController();
    const { EventStream } = await client.send(
      new InvokeWithResponseStreamCommand({
        FunctionName: fn.name,
        Payload: Buffer.from(JSON.stringify({ texts: ['first'], bytes: 33 * 1_048_576 })),
      }),
      { abortSignal: abort.signal },
    );
    const events = EventStream?.[Symbol.asyncIterator]();
    await events?.next();
    const before = (await log()).filter(line => line.includes('wrote it all')).length;
    abort.abort();
    await waitFor('the function to end', async () => {
      return (await log()).filter(line => line.includes('wrote it all')).length > before;
    });
  });

  test('is refused as an invocation is', async () => {
    await assert.rejects(invoke({}, { FunctionName: 'no-such-function' }), ResourceNotFoundException);
    const dry = await client.send(
      new InvokeWithResponseStreamCommand({ FunctionName: fn.name, InvocationType: 'DryRun' }),
    );
    assert.equal(dry.StatusCode, 204);
  });

  const log = () => readFunctionLog(lambent, fn.name);
});

interface Complete {
  readonly ErrorCode?: string | undefined;
  readonly ErrorDetails?: string | undefined;
  readonly LogResult?: string | undefined;
}
