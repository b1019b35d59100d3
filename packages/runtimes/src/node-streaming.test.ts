import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ResponseSink } from '@lambent/core';
import { waitFor } from '@lambent/testing';
import { fixture, nodeCommand, nodesHere, spawnRuntime } from './spawned-runtime.ts';

for (const { title, node } of nodesHere())
  describe(`responses in parts, ${title}`, () => {
    const start = (handler: string) =>
      spawnRuntime({ command: nodeCommand(node), code: fixture('node/streams'), handler });

    test('go out while the handler still runs', async () => {
      await using runtime = start('index.waits');
      const sink = new Reader();
      const answered = runtime.invoke({}, { sink });
      await sink.has(1);
      assert.deepEqual(sink.texts, ['first']);
      runtime.child.kill('SIGUSR2');
      assert.deepEqual(await answered, { kind: 'response', payload: Buffer.alloc(0) });
      assert.deepEqual(sink.texts, ['first', 'last']);
      assert.equal(sink.contentType, 'text/x-told');
    });

    test('begin with the prelude of an HTTP response', async () => {
      await using runtime = start('index.http');
      const sink = new Reader();
      await runtime.invoke({}, { sink });
      assert.equal(sink.contentType, 'application/vnd.awslambda.http-integration-response');
      assert.equal(sink.texts.join(''), `{"statusCode":201,"headers":{"a":"b"}}${'\0'.repeat(8)}body`);
    });

    test('end in the error that the handler threw', async () => {
      await using runtime = start('index.fails');
      const sink = new Reader();
      const answer = await runtime.invoke({}, { sink });
      assert.equal(answer.kind, 'error');
      assert.deepEqual(sink.texts, ['begun']);
    });

    test('may be larger than a whole one', async () => {
      await using runtime = start('index.oversize');
      const sink = new Reader();
      await runtime.invoke({}, { sink });
      assert.equal(sink.bytes, 7 * 1_048_576);
    });

    test('wait for a reader that waits, while timers of the function go on', async () => {
      await using runtime = start('index.endless');
      const sink = new Reader();
      const closed = Promise.withResolvers<void>();
      sink.taken = closed.promise;
      const answered = runtime.invoke({}, { sink });
      await sink.has(1);
      await waitFor('twenty ticks', () => runtime.records.length > 0);
      const held = JSON.parse(runtime.records[0]?.match(/\{.*\}/)?.[0] ?? '');
      assert.ok(held.written < 1_048_576, `${held.written} bytes were written to a reader that waits`);
      sink.taken = undefined;
      closed.resolve();
      await answered;
      assert.equal(sink.bytes, 16 * 1_048_576);
    });

    test('are collected for a caller that does not take parts', async () => {
      await using runtime = start('index.plain');
      assert.deepEqual(await runtime.invoke(5), {
        kind: 'response',
        payload: Buffer.from('got {"event":5}'),
      });
    });
  });

class Reader implements ResponseSink {
  contentType: string | undefined;
  readonly texts: string[] = [];
  bytes = 0;
  /** What it makes the writer wait for. */
  taken: Promise<void> | undefined;
  #waits: { readonly parts: number; readonly resolve: () => void }[] = [];

  begin(contentType: string): void {
    this.contentType = contentType;
  }

  part(bytes: Uint8Array): Promise<void> | undefined {
    this.texts.push(Buffer.from(bytes).toString());
    this.bytes += bytes.length;
    for (const { parts, resolve } of this.#waits) if (this.texts.length >= parts) resolve();
    return this.taken;
  }

  has(parts: number): Promise<void> {
    return new Promise(resolve => {
      this.#waits.push({ parts, resolve });
      if (this.texts.length >= parts) resolve();
    });
  }
}
