import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FunctionLogs, LogRecord, ReadOptions } from '@lambent/function-logs';

/** Function logs for one test. */
export interface FunctionLogsUnderTest extends AsyncDisposable {
  /** Others after `reopen`. */
  readonly logs: FunctionLogs;
  /** What the records are stamped with. */
  nowMs(): number;
  pass(ms: number): Promise<void>;
  reopen(): Promise<void>;
}

const GROUP = '/aws/lambda/hello';
/** So many records, written five at a time, are several times what a small one keeps of a group. */
const MANY = 200;

/** The promises of `FunctionLogs`, for any adapter. A `small` one keeps fewer than a hundred short records of a group. */
export function functionLogsContract(
  name: string,
  open: (options: { small: boolean }) => Promise<FunctionLogsUnderTest>,
): void {
  const promise: Promised = (what, hold, { small = false } = {}) =>
    void test(`${name}: ${what}`, async () => {
      await using subject = await open({ small });
      await hold(subject);
    });
  recordPromises(promise);
  boundPromises(promise);
  followPromises(promise);
}

type Promised = (
  what: string,
  hold: (subject: FunctionLogsUnderTest) => Promise<void>,
  options?: { small?: boolean },
) => void;

function recordPromises(promise: Promised): void {
  promise(
    'records come back in order, each whole, with their stream and time',
    async ({ logs, nowMs, pass }) => {
      const one = logs.openStream({ group: GROUP, stream: 'one' });
      const two = logs.openStream({ group: GROUP, stream: 'two' });
      const startMs = nowMs();
      one.append('first\n');
      await pass(5);
      two.append('line one\nline two\r\n');
      one.append('["forged",1]\n[0,"other","forged"]');
      const found = await Array.fromAsync(logs.read(GROUP, {}));
      assert.deepEqual(
        found.map(({ group, stream, message }) => [group, stream, message]),
        [
          [GROUP, 'one', 'first'],
          [GROUP, 'two', 'line one\nline two\r'],
          [GROUP, 'one', '["forged",1]\n[0,"other","forged"]'],
        ],
      );
      const times = found.map(record => record.timestampMs);
      assert.ok(times.every(ms => ms >= startMs && ms <= nowMs()));
      assert.deepEqual(times, times.toSorted());
    },
  );

  promise(
    'what was flushed is there after a restart, and what comes then stands behind it',
    async subject => {
      subject.logs.openStream({ group: GROUP, stream: 's' }).append('kept');
      await subject.logs.flush();
      await subject.reopen();
      subject.logs.openStream({ group: GROUP, stream: 's' }).append('after');
      assert.deepEqual(await messages(subject.logs), ['kept', 'after']);
    },
  );

  promise('closing keeps what was appended', async subject => {
    subject.logs.openStream({ group: GROUP, stream: 's' }).append('last');
    await subject.reopen();
    assert.deepEqual(await messages(subject.logs), ['last']);
  });

  promise('groups are kept apart and listed, whatever is in their names', async ({ logs }) => {
    assert.deepEqual(await logs.groups(), []);
    const names = ['/aws/lambda/a', '/aws/lambda/b', 'a.b.*.>', 'größe', '漢字'];
    for (const group of names) logs.openStream({ group, stream: 's' }).append(`of ${group}`);
    await logs.flush();
    assert.deepEqual(await logs.groups(), names.toSorted());
    for (const group of names)
      assert.deepEqual(
        (await Array.fromAsync(logs.read(group, {}))).map(({ message }) => message),
        [`of ${group}`],
      );
    assert.deepEqual(await Array.fromAsync(logs.read('/aws/lambda/none', {})), []);
  });

  promise('a reader may ask for the newest, or for those since a time', async ({ logs, nowMs, pass }) => {
    const stream = logs.openStream({ group: GROUP, stream: 's' });
    let sinceMs = 0;
    for (let number = 0; number < 10; number += 1) {
      await pass(5);
      if (number === 8) sinceMs = nowMs();
      stream.append(String(number));
    }
    assert.deepEqual(await messages(logs, { limit: 3 }), ['7', '8', '9']);
    assert.deepEqual(await messages(logs, { sinceMs }), ['8', '9']);
    assert.deepEqual(await messages(logs, { sinceMs, limit: 1 }), ['9']);
    assert.deepEqual(await messages(logs, { limit: 0 }), []);
    assert.equal((await messages(logs, { limit: 1_000 })).length, 10);
  });
}

function boundPromises(promise: Promised): void {
  promise(
    'past the bound the oldest go and a reader is told how many',
    async ({ logs }) => {
      await appendMany(logs);
      const [notice = '', ...kept] = await messages(logs);
      const dropped = MANY - kept.length;
      assert.ok(dropped > 0 && kept.length > 10, `${kept.length} kept`);
      assert.match(notice, new RegExp(`^\\[lambent\\] ${dropped} older log records were dropped`));
      assert.match(kept[0] ?? '', new RegExp(`^record ${dropped} `));
      assert.match(kept.at(-1) ?? '', new RegExp(`^record ${MANY - 1} `));
    },
    { small: true },
  );

  promise(
    'a follower that the bound overtakes is told how many it missed',
    async ({ logs }) => {
      logs.openStream({ group: GROUP, stream: 's' }).append('first');
      await using following = follow(logs);
      assert.equal(await following.next(), 'first');
      await appendMany(logs);
      const notice = await following.next();
      const missed = Number(/^\[lambent\] (\d+) older log records were dropped/.exec(notice ?? '')?.[1]);
      assert.match((await following.next()) ?? '', new RegExp(`^record ${missed} `));
    },
    { small: true },
  );

  promise(
    'a group that floods takes nothing from another',
    async ({ logs }) => {
      logs.openStream({ group: 'quiet', stream: 's' }).append('kept');
      await appendMany(logs);
      assert.equal((await Array.fromAsync(logs.read('quiet', {})))[0]?.message, 'kept');
    },
    { small: true },
  );
}

function followPromises(promise: Promised): void {
  promise('a follower gets what comes until it is aborted', async ({ logs }) => {
    const stream = logs.openStream({ group: GROUP, stream: 's' });
    await using following = follow(logs);
    const first = following.next();
    stream.append('one');
    await logs.flush();
    assert.equal(await first, 'one');
    const second = following.next();
    stream.append('two');
    await logs.flush();
    assert.equal(await second, 'two');
    const end = following.next();
    following.abort();
    assert.equal(await end, undefined);
  });

  promise('a follower may begin with the newest', async ({ logs }) => {
    const stream = logs.openStream({ group: GROUP, stream: 's' });
    for (const message of ['one', 'two', 'three']) stream.append(message);
    await using following = follow(logs, { limit: 1 });
    assert.equal(await following.next(), 'three');
    const next = following.next();
    stream.append('four');
    await logs.flush();
    assert.equal(await next, 'four');
  });

  promise('disposing ends those who follow', async ({ logs }) => {
    await using following = follow(logs);
    const next = following.next();
    await logs[Symbol.asyncDispose]();
    assert.equal(await next, undefined);
  });
}

async function appendMany(logs: FunctionLogs): Promise<void> {
  const stream = logs.openStream({ group: GROUP, stream: 's' });
  for (let number = 0; number < MANY; number += 1) {
    stream.append(`record ${number} ${'x'.repeat(40)}`);
    if (number % 5 === 4) await logs.flush();
  }
}

async function messages(logs: FunctionLogs, options: ReadOptions = {}): Promise<string[]> {
  return (await Array.fromAsync(logs.read(GROUP, options))).map(({ message }) => message);
}

/** Asks for one message after the other, and ends with the scope. */
function follow(logs: FunctionLogs, options: ReadOptions = {}) {
  const aborting = new AbortController();
  const { signal } = aborting;
  const records: AsyncIterator<LogRecord> = logs
    .read(GROUP, { ...options, follow: true, signal })
    [Symbol.asyncIterator]();
  return {
    /** Undefined at the end. */
    next: async (): Promise<string | undefined> => {
      const { value, done } = await records.next();
      return done ? undefined : value.message;
    },
    abort: () => aborting.abort(),
    async [Symbol.asyncDispose]() {
      aborting.abort();
      await records.return?.();
    },
  };
}
