import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { loadLambdaSchemas } from '@lambent/aws-api';
import { knownCompatibility } from './known-compatibility.ts';
import { BEGIN, type Compatibility, END, withCount, withTables } from './page.ts';
import { STATEMENTS, type Statement } from './statements.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');
const AGAIN = 'npm run compatibility writes it again';

test('docs/compatibility.md says what the code knows, and no other', async () => {
  const page = await readFile(path.join(ROOT, 'docs/compatibility.md'), 'utf8');
  assert.equal(page, withTables(page, await knownCompatibility()), AGAIN);
});

test('README.md tells how many operations there are', async () => {
  const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  assert.equal(readme, withCount(readme, await knownCompatibility()), AGAIN);
});

test('whatever is said is about an operation that is there and a member that it has', async () => {
  const { operations } = await loadLambdaSchemas();
  const { implemented } = await knownCompatibility();
  for (const [name, statement] of Object.entries(STATEMENTS) as [string, Statement][]) {
    assert.ok(implemented.has(name), name);
    for (const member of Object.keys({ ...statement.refused, ...statement.noEffect })) {
      const found = member
        .split('.')
        .reduce(
          (schema, part) =>
            schema?.isStructSchema() ? new Map(schema.structIterator()).get(part) : undefined,
          operations.get(name)?.input,
        );
      assert.ok(found, `${name}: ${member}`);
    }
  }
});

test('an operation is full, partial or absent, and what surrounds the tables stays', () => {
  const compatibility: Compatibility = {
    operations: ['C', 'A', 'B'],
    implemented: new Set(['A', 'B']),
    statements: { B: { refused: { X: 'why' }, noEffect: { Y: 'because' }, different: 'late' } },
    limits: [],
  };
  const page = withTables(`before\n${BEGIN}\nold\n${END}\nafter\n`, compatibility);
  for (const line of [
    '## Operations: 2 of 3',
    '| A | full |  |',
    '| B | partial | late; refused: X; without effect: Y |',
    '| C | absent | 501 `NotImplementedException` |',
    '| B | X | refused | why |',
    '| B | Y | no effect | because |',
  ])
    assert.ok(page.split('\n').includes(line), line);
  assert.match(page, /^before\n/);
  assert.match(page, /\nafter\n$/);
  assert.equal(withTables(page, compatibility), page);
});
