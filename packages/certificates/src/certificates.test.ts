import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { isFailure, SimulatedClock, SystemClock, type TlsMaterial } from '@lambent/core';
import { type Authority, createAuthority } from './authority.ts';
import { readAuthority, writeAuthority } from './authority-directory.ts';
import { type IssueOptions, issue, ROLES } from './issue.ts';
import { certificateStanding, readMaterial, writeMaterial } from './material.ts';
import { DAY_MS } from './validity.ts';

const run = promisify(execFile);
const clock = new SystemClock();

describe('certificates', () => {
  let directory: string;
  let authority: Authority;
  const inDirectory = (...names: string[]) => path.join(directory, ...names);

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'lambent-certificates-'));
    authority = await createAuthority({ clock, name: 'lambent' });
  });

  after(() => rm(directory, { recursive: true }));

  async function issued(options: Partial<IssueOptions> = {}): Promise<TlsMaterial> {
    return issue(authority, { role: 'worker', id: 'w-1', hosts: [], days: 90, clock, ...options });
  }

  async function written(name: string, material: TlsMaterial): Promise<string> {
    await writeMaterial(inDirectory(name), material);
    return inDirectory(name);
  }

  for (const role of ROLES) {
    test(`OpenSSL believes what was issued to a ${role}`, async () => {
      const at = await written(role, await issued({ role }));
      const verified = async (purpose: string) =>
        run('openssl', ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.pem', 'cert.pem'], {
          cwd: at,
        });
      await verified('sslclient');
      if (role === 'client') await assert.rejects(verified('sslserver'));
      else await verified('sslserver');
    });
  }

  test('OpenSSL does not believe what another authority issued', async () => {
    const other = await createAuthority({ clock, name: 'lambent' });
    const material = await issue(other, { role: 'worker', id: 'w-1', hosts: [], days: 90, clock });
    const at = await written('foreign', { ...material, ca: authority.ca });
    await assert.rejects(run('openssl', ['verify', '-CAfile', 'ca.pem', 'cert.pem'], { cwd: at }));
    await refused(at, 'cert.pem', /did not sign it/);
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

  test('a name that no certificate can hold is refused', async () => {
    await assert.rejects(issued({ id: 'w'.repeat(65) }), error => isFailure(error, 'certificate-invalid'));
  });

  test('nothing issued outlives its authority', async () => {
    const { certificate, ca } = await issued({ days: 100_000 });
    assert.equal(new X509Certificate(certificate).validTo, new X509Certificate(ca).validTo);
  });

  test('what was written is read again, in place of what was there before', async () => {
    await written('renewed', await issued());
    const renewed = await issued();
    const at = await written('renewed', renewed);
    assert.deepEqual(await readMaterial(at, { clock }), renewed);
  });

  test('only its owner can read a key', async () => {
    const at = await written('modes', await issued());
    assert.equal((await stat(path.join(at, 'key.pem'))).mode & 0o777, 0o600);
    await writeAuthority(inDirectory('modes-authority'), authority);
    assert.equal((await stat(inDirectory('modes-authority', 'ca-key.pem'))).mode & 0o777, 0o600);
  });

  test('an authority is read as it was written, and never replaced', async () => {
    const at = inDirectory('authority');
    await writeAuthority(at, authority);
    assert.deepEqual(await readAuthority(at, { clock }), authority);
    const other = await createAuthority({ clock, name: 'other' });
    await assert.rejects(writeAuthority(at, other), error => isFailure(error, 'certificate-invalid'));
    assert.deepEqual(await readAuthority(at, { clock }), authority);
  });

  test('a missing file is named', async () => {
    await refused(inDirectory('nowhere'), 'ca.pem', /no such file/);
    const at = await written('without-key', await issued());
    await rm(path.join(at, 'key.pem'));
    await refused(at, 'key.pem', /no such file/);
  });

  test('a file that holds something else is named', async () => {
    const at = await written('garbled', await issued());
    await writeFile(path.join(at, 'cert.pem'), 'not a certificate');
    await refused(at, 'cert.pem', /does not hold a certificate/);
    await rm(path.join(at, 'ca.pem'));
    await run('mkdir', [path.join(at, 'ca.pem')]);
    await refused(at, 'ca.pem', /cannot be read/);
  });

  test('the key of another certificate is refused', async () => {
    const { privateKey } = await issued();
    const at = await written('mismatched', { ...(await issued()), privateKey });
    await refused(at, 'key.pem', /belongs to another certificate/);
  });

  test('a certificate is refused before its time and after it, with the date', async () => {
    const material = await issued({ days: 30 });
    const at = await written('dated', material);
    const { validFromDate, validToDate } = new X509Certificate(material.certificate);
    const early = new SimulatedClock({ startMs: validFromDate.getTime() - 1 });
    const late = new SimulatedClock({ startMs: validToDate.getTime() });
    await refused(at, 'cert.pem', new RegExp(`only from ${validFromDate.toISOString()}`), early);
    await refused(at, 'cert.pem', new RegExp(`expired on ${validToDate.toISOString()}`), late);
  });

  test('its standing tells a week before the end', async () => {
    const material = await issued({ days: 30 });
    const notAfterMs = new X509Certificate(material.certificate).validToDate.getTime();
    const standingAt = (beforeEndMs: number) =>
      certificateStanding(material, new SimulatedClock({ startMs: notAfterMs - beforeEndMs }));
    assert.deepEqual(standingAt(7 * DAY_MS), { notAfterMs, expiresInMs: 7 * DAY_MS, state: 'valid' });
    assert.equal(standingAt(7 * DAY_MS - 1).state, 'expiring');
    assert.equal(standingAt(1).state, 'expiring');
    assert.deepEqual(standingAt(0), { notAfterMs, expiresInMs: 0, state: 'expired' });
  });

  async function refused(
    at: string,
    file: string,
    detail: RegExp,
    now = clock as SimulatedClock | SystemClock,
  ) {
    await assert.rejects(readMaterial(at, { clock: now }), error => {
      assert.ok(isFailure(error, 'certificate-invalid'));
      assert.equal(error.fields['file'], path.join(at, file));
      assert.match(String(error.fields['detail']), detail);
      return true;
    });
  }
});
