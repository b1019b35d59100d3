import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usableNameservers } from './nameservers.ts';
import { outboundRules } from './outbound-rules.ts';
import { Owner } from './owner.ts';

const rules = (nameservers: readonly string[]) =>
  outboundRules({
    owner: new Owner('a'),
    range: '100.64.0.0/16',
    interfaces: 'lmx-',
    denied: ['10.0.0.0/8'],
    nameservers,
  });

test('name servers are let through before link-local addresses are refused', () => {
  const text = rules(['169.254.169.253']);
  assert.ok(text.indexOf('169.254.169.253') < text.indexOf('169.254.0.0/16'));
  assert.match(text, /\{ 169\.254\.169\.253 \} th dport 53 accept/);
});

test('without name servers there is no such rule', () => {
  assert.doesNotMatch(rules([]), /dport/);
});

test('what is denied is refused by a rule of its own each, so that ranges may overlap', () => {
  assert.match(rules([]), /ip daddr 10\.0\.0\.0\/8 reject/);
});

test('name servers on the loopback or of IPv6 are of no use to a sandbox', () => {
  const text =
    '# made by hand\nnameserver 127.0.0.53\nnameserver ::1\nnameserver 192.0.2.1\nsearch example.org\n';
  assert.deepEqual(usableNameservers(text), ['192.0.2.1']);
  assert.deepEqual(usableNameservers(''), []);
});
