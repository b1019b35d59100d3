import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { isFailure, SystemClock, type TlsMaterial } from '@lambent/core';
import { createAuthority } from './authority.ts';
import { type IssueOptions, issue, ROLES } from './issue.ts';
import { writeMaterial } from './material.ts';

const clock = new SystemClock();
const authority = await createAuthority({ clock, name: 'lambent' });
const directory = await mkdtemp(path.join(tmpdir(), 'lambent-issue-'));
after(() => rm(directory, { recursive: true }));

for (const role of ROLES) {
  test(`OpenSSL believes what was issued for ${role}, for what it was issued`, async () => {
    const material = await issued({ role });
    await verify(material, 'sslclient');
    if (role === 'client')
      await assert.rejects(verify(material, 'sslserver'), /unsuitable certificate purpose/);
    else await verify(material, 'sslserver');
  });
}

test('OpenSSL does not believe what another authority of that name issued', async () => {
  const other = await createAuthority({ clock, name: 'lambent' });
  const foreign = await issue(other, { role: 'worker', id: 'w-1', hosts: [], days: 90, clock });
  await assert.rejects(verify({ ...foreign, ca: authority.ca }, 'sslclient'));
});

test('a certificate says who it was issued to, and where that one can be reached', async () => {
  const { certificate } = await issued({ hosts: ['worker-1.example', '10.1.2.3', '10.1.2.3', 'fd00::1'] });
  const read = new X509Certificate(certificate);
  assert.equal(read.subject, 'CN=worker/w-1');
  assert.equal(read.issuer, 'CN=lambent authority');
  for (const host of ['lambent', 'localhost', 'worker-1.example']) assert.equal(read.checkHost(host), host);
  for (const ip of ['127.0.0.1', '::1', '10.1.2.3', 'fd00::1']) assert.ok(read.checkIP(ip), ip);
  assert.equal(read.checkHost('worker-2.example'), undefined);
});

test('each is another certificate of another key', async () => {
  const [one, two] = [await issued(), await issued()];
  assert.notEqual(one.privateKey, two.privateKey);
  assert.notEqual(
    new X509Certificate(one.certificate).serialNumber,
    new X509Certificate(two.certificate).serialNumber,
  );
});

test('a name that no certificate can hold is refused', async () => {
  await assert.rejects(issued({ id: 'w'.repeat(65) }), error => isFailure(error, 'certificate-invalid'));
});

test('nothing issued outlives its authority', async () => {
  const { certificate, ca } = await issued({ days: 100_000 });
  assert.equal(new X509Certificate(certificate).validTo, new X509Certificate(ca).validTo);
});

function issued(options: Partial<IssueOptions> = {}): Promise<TlsMaterial> {
  return issue(authority, { role: 'worker', id: 'w-1', hosts: [], days: 90, clock, ...options });
}

async function verify(material: TlsMaterial, purpose: string): Promise<void> {
  await writeMaterial(directory, material);
  const options = ['-x509_strict', '-purpose', purpose, '-CAfile', 'ca.pem', 'cert.pem'];
  await promisify(execFile)('openssl', ['verify', ...options], { cwd: directory });
}
