import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { createAuthority } from './authority.ts';
import { CurrentMaterial } from './current-material.ts';
import { issue } from './issue.ts';
import { writeMaterial } from './material.ts';

const DAY_MS = 86_400_000;
const clock = new SimulatedClock();
const authority = await createAuthority({ clock, name: 'test' });
const directory = await mkdtemp(path.join(tmpdir(), 'lambent-current-'));
after(() => rm(directory, { recursive: true }));

function issued(days: number) {
  return issue(authority, { role: 'worker', id: 'w', hosts: [], days, clock });
}

function openCurrent() {
  const told: string[] = [];
  const tell = (_fields: object, message: string) => void told.push(message);
  const logger = { info: tell, warn: tell, error: tell };
  return { told, opening: CurrentMaterial.open({ directory, clock, logger }) };
}

/** Lets time pass until it comes true: a look also reads files, which the clock knows nothing of. */
async function passUntil(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    assert.ok(turns < 10_000, 'it never came true');
    await clock.advance(100);
    await new Promise(setImmediate);
  }
}

test('a renewed certificate is shown soon, one that cannot be used is told of once and is not', async () => {
  const first = await issued(30);
  await writeMaterial(directory, first);
  const { told, opening } = openCurrent();
  await using current = await opening;
  assert.equal(current.certificate, first.certificate);
  const second = await issued(60);
  await writeMaterial(directory, second);
  await passUntil(() => told.length === 1);
  assert.deepEqual([current.certificate, current.privateKey], [second.certificate, second.privateKey]);
  await writeFile(path.join(directory, 'key.pem'), first.privateKey);
  await passUntil(() => told.length === 2);
  const untilMs = clock.monotonicMs() + 60_000;
  await passUntil(() => clock.monotonicMs() > untilMs);
  assert.equal(current.certificate, second.certificate);
  assert.deepEqual(told, ['certificate renewed', 'certificate not taken']);
});

test('its end is told a week before, each day, and after it', async () => {
  await writeMaterial(directory, await issued(8));
  const { told, opening } = openCurrent();
  await using current = await opening;
  const ends = () => told.filter(message => /soon|has expired/.test(message));
  await clock.advance(DAY_MS - 60_000);
  assert.deepEqual(ends(), []);
  for (let day = 1; day <= 9; day += 1) {
    await clock.advance(DAY_MS);
    await passUntil(() => ends().length === day);
  }
  assert.ok(current.standing.expiresInMs < 0);
  assert.equal(ends().at(0), 'certificate expires soon');
  assert.equal(ends().at(-1), 'certificate has expired');
});
