import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { before, suite, test } from 'node:test';
import { promisify } from 'node:util';

interface Observed {
  readonly confinement: { readonly outbound: { readonly held: boolean; readonly detail: string } };
  readonly world: string;
  readonly privateAddress: string;
  readonly denied: string;
  readonly credentials: string;
  readonly host: string;
  readonly gateway: string;
  readonly neighbour: string;
  readonly left: unknown;
}

/** In a network namespace of the test's own, so that nothing of this machine is touched. */
suite('the way out of a sandbox', () => {
  let observed: Observed;

  before(async () => {
    const fixture = path.join(import.meta.dirname, 'fixtures', 'outbound-world.ts');
    const { stdout } = await promisify(execFile)('unshare', ['--net', process.execPath, fixture]);
    observed = JSON.parse(stdout) as Observed;
  });

  test('is told, with its range', () => {
    const { held, detail } = observed.confinement.outbound;
    assert.ok(held, detail);
    assert.match(detail, /^veth and nftables, 100\.\d+\.0\.0\/16/);
  });

  test("leads to the world, under the host's address", () => {
    assert.equal(observed.world, '203.0.113.1');
  });

  test('leads to private addresses, but not to those that are denied', () => {
    assert.equal(observed.privateAddress, '203.0.113.1');
    assert.equal(observed.denied, 'EHOSTUNREACH');
  });

  test("does not lead to a cloud's credentials", () => {
    assert.equal(observed.credentials, 'EHOSTUNREACH');
  });

  test('does not lead to the host, at none of its addresses', () => {
    assert.equal(observed.host, 'EHOSTUNREACH');
    assert.equal(observed.gateway, 'EHOSTUNREACH');
  });

  test('does not lead to another sandbox', () => {
    assert.equal(observed.neighbour, 'EHOSTUNREACH');
  });

  test('is gone with the sandboxes', () => {
    assert.deepEqual(observed.left, { interfaces: [], tables: '', routes: '' });
  });
});
