import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { findRuntimes } from './runtimes.ts';
import { findStartVariable } from './start-variables.ts';

const node = (await findRuntimes({ searchPath: '' })).get('nodejs24.x');
assert.ok(node);

/** These act whenever they are looked at, or are for its prompt, which no function has. */
const LATER = ['FORCE_COLOR', 'NO_COLOR', 'NODE_TLS_REJECT_UNAUTHORIZED', 'TZ'];

test('every variable that Node.js names in its help acts at the start, or is known not to', () => {
  const help = execFileSync(process.execPath, ['--help'], { encoding: 'utf8' });
  const names = [...help.slice(help.indexOf('Environment variables')).matchAll(/^([A-Z][A-Z_0-9]+) /gm)].map(
    ([, name = '']) => name,
  );
  assert.ok(names.includes('NODE_EXTRA_CA_CERTS'));
  for (const name of names)
    assert.equal(findStartVariable(node, { [name]: 'x' }), LATER.includes(name) ? undefined : name);
});

test("a runtime's own variables and the function's do not act at the start", () => {
  const environment = { ...node.variables, NODE_ENV: 'production', TABLE: 'a', TZ: 'Asia/Tokyo' };
  assert.equal(findStartVariable(node, environment), undefined);
  assert.equal(findStartVariable(node, { ...environment, NODE_PATH: '/opt' }), 'NODE_PATH');
});
