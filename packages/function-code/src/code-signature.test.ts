import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { suite, test } from 'node:test';
import { isFailure } from '@lambent/core';
import { forgeZip, TestSigner } from '@lambent/testing';
import { readCodeSignature } from './code-signature.ts';

const ENTRIES = [
  { name: 'lib/' },
  { name: 'lib/index.js', content: 'exports.handler = async () => 1;' },
  { name: 'empty', content: '' },
  { name: 'link', content: 'empty', mode: 0o120777 },
];
const SIGNATURE = 'META_INF/aws_signer_signature_v1.0.SF';
const profileVersionArn = 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/team/abcdefghij';
const signer = await TestSigner.create();
const roots = [new X509Certificate(signer.root)];

suite('the signature of a package', () => {
  test('tells who signed it, by which job and until when it holds', async () => {
    const expiresMs = Date.UTC(2030, 5, 1, 12, 30);
    assert.deepEqual(await readCodeSignature(signer.sign(ENTRIES, { profileVersionArn, expiresMs }), roots), {
      kind: 'signed',
      profileVersionArn,
      jobArn: 'arn:aws:signer:us-east-1:000000000000:/signing-jobs/test',
      expiresMs,
    });
  });

  test('need not be there', async () => {
    assert.deepEqual(await readCodeSignature(forgeZip(ENTRIES), roots), { kind: 'none' });
  });

  test('is broken by every change to what was signed', async () => {
    const changes = [
      ENTRIES.with(1, { name: 'lib/index.js', content: 'exports.handler = async () => 2;' }),
      ENTRIES.with(1, { name: 'lib/other.js', content: 'exports.handler = async () => 1;' }),
      ENTRIES.with(3, { name: 'link', content: 'lib', mode: 0o120777 }),
      [...ENTRIES, { name: 'more', content: 'x' }],
      ENTRIES.slice(1),
      ENTRIES.toReversed(),
    ];
    for (const changed of changes) {
      const signature = await readCodeSignature(signer.sign(ENTRIES, { profileVersionArn }, changed), roots);
      assert.equal(signature.kind, 'broken');
    }
    // Modes, times and compression are none of what is signed.
    const stored = ENTRIES.map(entry => ({ ...entry, stored: true }));
    const repacked = signer.sign(ENTRIES, { profileVersionArn }, stored);
    assert.equal((await readCodeSignature(repacked, roots)).kind, 'signed');
  });

  test('is broken where it is none', async () => {
    const texts = [
      '',
      'x',
      '-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----',
      Buffer.from([0x30, 0x80, 0, 0]).toString('base64'),
      Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).toString('base64'),
      'A'.repeat(1024 * 1024 + 1),
    ];
    for (const content of texts) {
      const zip = forgeZip([...ENTRIES, { name: SIGNATURE, content }]);
      assert.equal((await readCodeSignature(zip, roots)).kind, 'broken');
    }
  });

  test('is untrusted without a root that vouches for a certificate for this', async () => {
    const other = await TestSigner.create();
    const forServers = await TestSigner.create({ usage: '1.3.6.1.5.5.7.3.1' });
    for (const [by, trusted] of [
      [signer, []],
      [signer, [new X509Certificate(other.root)]],
      [forServers, [new X509Certificate(forServers.root)]],
    ] as const) {
      const zip = by.sign(ENTRIES, { profileVersionArn });
      assert.deepEqual(await readCodeSignature(zip, trusted), { kind: 'untrusted' });
    }
  });

  test('does not make an unsound ZIP sound', async () => {
    const zip = signer.sign(ENTRIES, { profileVersionArn }, [{ name: '../escape', content: 'x' }]);
    await assert.rejects(readCodeSignature(zip, roots), error => isFailure(error, 'code-invalid'));
  });
});
