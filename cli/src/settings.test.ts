import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { ConfigField } from '@lambent/daemon';
import { readSettings, SETTINGS } from './settings.ts';

const PAGE = resolve(import.meta.dirname, '../../docs/operations.md');

/** One row of the page's table. */
function rowOf(field: ConfigField<unknown>): string {
  const shown = field.default === undefined ? '' : String(field.default);
  return `| \`${field.variable}\` | ${shown} | ${field.allowed} | ${field.about} |`;
}

test('docs/operations.md lists every setting as it is, and no other', async () => {
  const page = await readFile(PAGE, 'utf8');
  const rows = Object.values(SETTINGS).flatMap(fields =>
    Object.values(fields as Record<string, ConfigField<unknown>>).map(rowOf),
  );
  const listed = page.split('\n').filter(line => line.startsWith('| `LAMBENT_'));
  assert.deepEqual(listed.toSorted(), rows.toSorted());
});

test('no two settings share a variable', () => {
  const variables = Object.values(SETTINGS).flatMap(fields =>
    Object.values(fields as Record<string, ConfigField<unknown>>).map(field => field.variable),
  );
  assert.deepEqual(variables.toSorted(), [...new Set(variables)].toSorted());
});

test('a setting of no service is refused', () => {
  assert.throws(() => readSettings({ LAMBENT_WORKER_SLOT: '5' }), /did you mean LAMBENT_WORKER_SLOTS\?/);
});
