import assert from 'node:assert/strict';

/** Exactly one part, and one or more parts at the end. */
const ANY_PART = '*';
const ANY_TAIL = '>';

/** What a subscription listens to: a subject in which `*` stands for one part and a last `>` for all that follow. */
export class SubjectPattern {
  readonly text: string;
  readonly #parts: readonly string[];

  constructor(text: string) {
    const parts = text.split('.');
    assert(
      parts.every((part, at) => part !== '' && (part !== ANY_TAIL || at === parts.length - 1)),
      `${text} is not a subject to subscribe to`,
    );
    this.text = text;
    this.#parts = parts;
  }

  matches(subject: string): boolean {
    const parts = subject.split('.');
    const open = this.#parts.at(-1) === ANY_TAIL;
    if (open ? parts.length < this.#parts.length : parts.length !== this.#parts.length) return false;
    return this.#parts.every((own, at) => own === ANY_PART || own === ANY_TAIL || own === parts[at]);
  }
}

/** A subject that is published to names one thing: no part is empty or a wildcard. */
export function checkSubject(subject: string): void {
  assert(
    subject.split('.').every(part => part !== '' && part !== ANY_PART && part !== ANY_TAIL),
    `${subject} is not a subject to publish to`,
  );
}
