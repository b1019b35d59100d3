import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { toFailure } from './storage-failure.ts';
import type { Answer, Failure } from './thread-messages.ts';

/** One command, ready to run. */
export interface Step {
  readonly id: number;
  readonly run: () => unknown;
}

/**
 * Many commands, one transaction, one wait for the disk. A command that fails takes back what it wrote itself and
 * nothing else; only a commit that fails, or an error at which SQLite gives the transaction up (a full disk),
 * fails the whole group. Nothing is answered before the commit, reads neither: no one sees what could still vanish.
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #undo: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#begin = database.prepare('BEGIN');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
    this.#savepoint = database.prepare('SAVEPOINT command');
    this.#release = database.prepare('RELEASE command');
    this.#undo = database.prepare('ROLLBACK TO command');
  }

  run(steps: Iterable<Step>): readonly Answer[] {
    const answers: Answer[] = [];
    this.#begin.run();
    try {
      for (const step of steps) {
        // Kept before it runs, so that a step which costs the whole transaction is answered too.
        answers.push({ id: step.id, value: undefined });
        answers[answers.length - 1] = this.#attempt(step);
      }
      this.#commit.run();
      return answers;
    } catch (error) {
      if (this.#database.isTransaction) this.#rollback.run();
      const failure = toFailure(error);
      if (!failure) throw error;
      return answers.map(answer => ('failure' in answer ? answer : { id: answer.id, failure }));
    }
  }

  #attempt(step: Step): Answer {
    this.#savepoint.run();
    try {
      const value = step.run();
      this.#release.run();
      return { id: step.id, value };
    } catch (error) {
      const failure: Failure | undefined = toFailure(error);
      if (!failure || !this.#database.isTransaction) throw error;
      this.#undo.run();
      this.#release.run();
      return { id: step.id, failure };
    }
  }
}
