import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { printed } from './printed.ts';

const ratio = { median: 1.25, least: 1.2, most: 1.9 };

describe('a printed figure', () => {
  test('shows each goal beside its result, and whether it is met', () => {
    const text = printed({
      tables: [],
      findings: [
        { about: 'a ÷ b', ratio, goal: { atMost: 1.3 } },
        { about: 'c ÷ d', ratio, goal: { atLeast: 1.3 } },
        { about: 'e ÷ f', ratio },
        { about: 'g ÷ h', ratio: undefined, goal: { atMost: 1 } },
      ],
    });
    const [met = '', missed = '', unjudged = '', unmeasured = ''] = text.split('\n');
    assert.match(met, /^ {2}a ÷ b +≤ 1.3 +1\.25 \(1\.20 to 1\.90\) {2}met$/);
    assert.match(missed, /c ÷ d +≥ 1\.3 .* missed$/);
    assert.match(unjudged, /e ÷ f +1\.25 \(1\.20 to 1\.90\)$/);
    assert.match(unmeasured, /g ÷ h +≤ 1 +nothing to compare$/);
  });

  test('has tables first and what to know last', () => {
    const table = {
      title: 'idle',
      columns: ['kB'],
      rows: [['node', 1234.5] as const, ['none', Number.NaN] as const],
    };
    const text = printed({ tables: [table], findings: [], notes: ['by the way'] });
    assert.match(text, /^idle +kB\n {2}node +1235\n {2}none +–\n\nby the way$/);
  });
});
