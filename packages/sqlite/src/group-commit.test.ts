import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { fail } from '@lambent/core';
import { GroupCommit, type Step } from './group-commit.ts';
import type { Answer } from './thread-messages.ts';

test('a group is one transaction, and a step that fails is undone alone', () => {
  const { database, count, insert } = open();
  const answers = new GroupCommit(database).run([
    { id: 1, run: () => insert(1) },
    {
      id: 2,
      run: () => {
        insert(2);
        throw fail('draining', { member: 'm' });
      },
    },
    { id: 3, run: () => count() },
  ]);
  assert.deepEqual(answers, [
    { id: 1, value: 1 },
    { id: 2, failure: { reason: 'draining', fields: { member: 'm' } } },
    { id: 3, value: 1 },
  ]);
  assert.equal(database.isTransaction, false);
});

test('a step for which there is no room fails alone', () => {
  const { database, count, insert } = open();
  insert(0);
  const pages = Number(database.prepare('PRAGMA page_count').get()?.['page_count']);
  database.exec(`PRAGMA max_page_count = ${pages}`);
  const fill: Step = { id: 2, run: () => database.exec('INSERT INTO numbers SELECT randomblob(100000)') };
  const answers = new GroupCommit(database).run([{ id: 1, run: () => insert(1) }, fill]);
  assert.deepEqual(answers.map(reasonOf), [undefined, 'storage-failed']);
  assert.equal(count(), 2);
});

test('when SQLite gives the transaction up, as it may on an I/O error, every step has failed', () => {
  const { database, count, insert } = open();
  const giveUp = () => {
    database.exec('ROLLBACK');
    throw Object.assign(new Error('disk I/O error'), {
      code: 'ERR_SQLITE_ERROR',
      errcode: SQLITE_IOERR_WRITE,
    });
  };
  const refuse = () => {
    throw fail('draining', { member: 'm' });
  };
  const answers = new GroupCommit(database).run([
    { id: 1, run: () => insert(1) },
    { id: 2, run: refuse },
    { id: 3, run: giveUp },
    { id: 4, run: () => insert(4) },
  ]);
  assert.deepEqual(answers.map(reasonOf), ['storage-failed', 'draining', 'storage-failed']);
  assert.equal(database.isTransaction, false);
  assert.equal(count(), 0);
});

test('a bug is thrown, with nothing of its group written', () => {
  const { database, count, insert } = open();
  const bug = () => {
    throw new TypeError('a bug');
  };
  const steps = [
    { id: 1, run: () => insert(1) },
    { id: 2, run: bug },
  ];
  assert.throws(() => new GroupCommit(database).run(steps), TypeError);
  assert.equal(count(), 0);
});

/** Extended result code. */
const SQLITE_IOERR_WRITE = 778;

function reasonOf(answer: Answer): string | undefined {
  return 'failure' in answer ? answer.failure.reason : undefined;
}

function open() {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE numbers (number)');
  const inserting = database.prepare('INSERT INTO numbers VALUES (?)');
  const counting = database.prepare('SELECT count(*) AS count FROM numbers');
  return {
    database,
    insert: (number: number) => inserting.run(number).changes,
    count: () => Number(counting.get()?.['count']),
  };
}
