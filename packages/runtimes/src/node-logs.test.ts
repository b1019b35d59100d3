import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ChannelEnded } from './runtime-channel.ts';
import {
  fixture,
  nodeCommand,
  nodesHere,
  REQUEST_ID,
  type SpawnedRuntime,
  spawnRuntime,
} from './spawned-runtime.ts';

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/;

for (const { title, node, hasCallbacks } of nodesHere()) {
  const start = (handler: string, environment: Record<string, string> = {}): SpawnedRuntime =>
    spawnRuntime({ command: nodeCommand(node), code: fixture('node/logs'), handler, environment });
  /** The records of one invocation, without the one made while loading. */
  const invokeAndRead = async (runtime: SpawnedRuntime): Promise<string[]> => {
    await runtime.invoke({});
    return runtime.records.slice(1).map(record => record.replace(TIME, 'TIME').replace(REQUEST_ID, 'ID'));
  };

  describe(title, { concurrency: 2 }, () => {
    test('each console call is one record with time, request id and level', async () => {
      await using runtime = start('index.levels');
      assert.deepEqual(await invokeAndRead(runtime), [
        'TIME\tID\tTRACE\tt',
        'TIME\tID\tDEBUG\td',
        'TIME\tID\tINFO\tplain text { a: 1 }',
        'TIME\tID\tINFO\ti',
        'TIME\tID\tWARN\tw',
        'TIME\tID\tERROR\te',
        'TIME\tID\tFATAL\tf',
      ]);
      const first = hasCallbacks ? 'TIME\tundefined\tINFO\twhile loading' : 'TIME\t-\tINFO\twhile loading';
      assert.equal(runtime.records[0]?.replace(TIME, 'TIME'), first);
    });

    test('a record of several lines stays whole', async () => {
      await using runtime = start('index.multiline');
      assert.deepEqual(await invokeAndRead(runtime), ['TIME\tID\tINFO\tfirst\nsecond']);
    });

    test('what is written raw is a record for each line, in order', async () => {
      await using runtime = start('index.raw');
      assert.deepEqual(await invokeAndRead(runtime), [
        'one',
        'TIME\tID\tINFO\tbetween',
        'two',
        'err',
        'unfinished',
      ]);
    });

    test('a stream may be piped into stdout', async () => {
      await using runtime = start('index.piped');
      assert.deepEqual(await invokeAndRead(runtime), ['a', 'b']);
    });

    test('a record over the bound is cut between characters', async () => {
      await using runtime = start('index.long');
      const records = await invokeAndRead(runtime);
      assert.equal(records.length, 2);
      assert.match(records.join(''), /^TIME\tID\tINFO\tü{200000}$/);
    });

    test('an error is shown as the console shows it', async () => {
      await using runtime = start('index.error');
      assert.match(
        (await invokeAndRead(runtime))[0] ?? '',
        /^TIME\tID\tERROR\tit broke: TypeError: why\n {4}at /,
      );
    });

    test('what the process itself writes goes to its pipes', async () => {
      await using runtime = start('index.pipes');
      assert.deepEqual(await invokeAndRead(runtime), []);
      runtime.child.kill();
      await runtime.exited;
      assert.deepEqual(runtime.printed, { stdout: 'native out\n', stderr: 'native err\n' });
    });

    test('the last words of a process are kept', async () => {
      await using runtime = start('index.exits');
      await assert.rejects(runtime.invoke({}), ChannelEnded);
      assert.equal(runtime.records.at(-1), 'last words');
    });

    describe('in JSON', () => {
      const json = { AWS_LAMBDA_LOG_FORMAT: 'JSON' };
      const read = async (runtime: SpawnedRuntime): Promise<Record<string, unknown>[]> => {
        await runtime.invoke({});
        return runtime.records.slice(1).map(record => ({ ...JSON.parse(record), timestamp: 'TIME' }));
      };

      test('a record has time, level, request id and message', async () => {
        await using runtime = start('index.levels', { ...json, AWS_LAMBDA_LOG_LEVEL: 'WARN' });
        await runtime.invoke({});
        assert.deepEqual(
          runtime.records.map(record => ({ ...JSON.parse(record), timestamp: 'TIME' })),
          [
            { timestamp: 'TIME', level: 'WARN', requestId: REQUEST_ID, message: 'w' },
            { timestamp: 'TIME', level: 'ERROR', requestId: REQUEST_ID, message: 'e' },
            { timestamp: 'TIME', level: 'FATAL', requestId: REQUEST_ID, message: 'f' },
          ],
        );
      });

      test('an error among several arguments is told apart', async () => {
        await using runtime = start('index.error', json);
        const [record] = await read(runtime);
        assert.equal(record?.['errorType'], 'TypeError');
        assert.equal(record?.['errorMessage'], 'why');
        assert.match(String(record?.['message']), /^it broke: TypeError: why/);
      });

      test('an error alone is the message', async () => {
        await using runtime = start('index.onlyError', json);
        const [record] = await read(runtime);
        const { stackTrace, ...message } = (record?.['message'] ?? {}) as Record<string, unknown>;
        assert.deepEqual(message, { errorType: 'TypeError', errorMessage: 'why' });
        assert.ok(Array.isArray(stackTrace));
      });

      test('what refers to itself is shown as text', async () => {
        await using runtime = start('index.circular', json);
        const [record] = await read(runtime);
        assert.match(String(record?.['message']), /\[Circular \*1\]/);
      });
    });
  });
}
