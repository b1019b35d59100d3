import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { type Clock, isFailure, SimulatedClock, SystemClock, type TlsMaterial } from '@lambent/core';
import { createAuthority } from './authority.ts';
import { issue } from './issue.ts';
import { certificateStanding, readMaterial, writeMaterial } from './material.ts';
import { DAY_MS } from './validity.ts';

const clock = new SystemClock();
const authority = await createAuthority({ clock, name: 'lambent' });
const directory = await mkdtemp(path.join(tmpdir(), 'lambent-material-'));
after(() => rm(directory, { recursive: true }));

test('what was written is read again, in place of what was there before', async () => {
  await writeMaterial(directory, await issued());
  const renewed = await issued();
  await writeMaterial(directory, renewed);
  assert.deepEqual(await readMaterial(directory, { clock }), renewed);
});

test('only its owner can read the key', async () => {
  await writeMaterial(directory, await issued());
  assert.equal((await stat(path.join(directory, 'key.pem'))).mode & 0o777, 0o600);
});

test('a file that is missing is named', async () => {
  await writeMaterial(directory, await issued());
  for (const file of ['key.pem', 'cert.pem', 'ca.pem']) {
    await rm(path.join(directory, file));
    await refused(file, /no such file/);
  }
});

test('a file that cannot be read, or holds something else, is named', async () => {
  await writeMaterial(directory, await issued());
  await writeFile(path.join(directory, 'key.pem'), 'not a key');
  await refused('key.pem', /does not hold a private key/);
  await writeFile(path.join(directory, 'cert.pem'), 'not a certificate');
  await refused('cert.pem', /does not hold a certificate/);
  await rm(path.join(directory, 'ca.pem'));
  await mkdir(path.join(directory, 'ca.pem'));
  await refused('ca.pem', /cannot be read/);
  await rm(path.join(directory, 'ca.pem'), { recursive: true });
});

test('the key of another certificate is refused', async () => {
  const { privateKey } = await issued();
  await writeMaterial(directory, { ...(await issued()), privateKey });
  await refused('key.pem', /belongs to another certificate/);
});

test('what is replaced while it is read is read again', async () => {
  const [earlier, later] = [await issued(), await issued()];
  await writeMaterial(directory, { ...earlier, certificate: later.certificate });
  const reading = readMaterial(directory, { clock });
  await writeMaterial(directory, later);
  assert.deepEqual(await reading, later);
});

test('a certificate of another authority is refused', async () => {
  const { ca } = await createAuthority({ clock, name: 'lambent' });
  await writeMaterial(directory, { ...(await issued()), ca });
  await refused('cert.pem', /did not sign it/);
});

test('a certificate is refused before its time and after it, with the date', async () => {
  const material = await issued();
  await writeMaterial(directory, material);
  const { validFromDate, validToDate } = new X509Certificate(material.certificate);
  const early = new SimulatedClock({ startMs: validFromDate.getTime() - 1 });
  const late = new SimulatedClock({ startMs: validToDate.getTime() });
  await refused('cert.pem', new RegExp(`only from ${validFromDate.toISOString()}`), early);
  await refused('cert.pem', new RegExp(`expired on ${validToDate.toISOString()}`), late);
});

test('its standing tells a week before the end', async () => {
  const material = await issued();
  const notAfterMs = new X509Certificate(material.certificate).validToDate.getTime();
  const standingAt = (beforeEndMs: number) =>
    certificateStanding(material, new SimulatedClock({ startMs: notAfterMs - beforeEndMs }));
  assert.deepEqual(standingAt(7 * DAY_MS), { notAfterMs, expiresInMs: 7 * DAY_MS, state: 'valid' });
  assert.equal(standingAt(7 * DAY_MS - 1).state, 'expiring');
  assert.equal(standingAt(1).state, 'expiring');
  assert.deepEqual(standingAt(0), { notAfterMs, expiresInMs: 0, state: 'expired' });
});

function issued(): Promise<TlsMaterial> {
  return issue(authority, { role: 'worker', id: 'w-1', hosts: [], days: 30, clock });
}

async function refused(file: string, detail: RegExp, now: Clock = clock): Promise<void> {
  await assert.rejects(readMaterial(directory, { clock: now }), error => {
    assert.ok(isFailure(error, 'certificate-invalid'));
    assert.equal(error.fields['file'], path.join(directory, file));
    assert.match(String(error.fields['detail']), detail);
    return true;
  });
}
