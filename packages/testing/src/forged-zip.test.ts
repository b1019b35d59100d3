import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { forgeZip } from './forged-zip.ts';

/** Python reads ZIPs by code that has nothing in common with ours. */
function listed(zip: Uint8Array): unknown {
  const folder = mkdtempSync(path.join(tmpdir(), 'lambent-forged-zip-'));
  try {
    const file = path.join(folder, 'made.zip');
    writeFileSync(file, zip);
    const script = `
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
print(json.dumps([[entry.filename, entry.external_attr >> 16, entry.file_size] for entry in archive.infolist()]))`;
    return JSON.parse(execFileSync('python3', ['-W', 'ignore', '-c', script, file], { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a forged ZIP holds its entries as they were told, hostile names and links included', () => {
  const zip = forgeZip([
    { name: 'index.mjs', content: 'export const handler = 1;' },
    { name: '../escape', content: 'x', mode: 0o100600 },
    { name: 'link', content: '/etc/passwd', mode: 0o120777 },
    { name: 'link', content: 'again' },
  ]);
  assert.deepEqual(listed(zip), [
    ['index.mjs', 0, 25],
    ['../escape', 0o100600, 1],
    ['link', 0o120777, 11],
    ['link', 0, 5],
  ]);
});

test('a forged ZIP can claim another size than it has', () => {
  assert.deepEqual(listed(forgeZip([{ name: 'small', content: 'four', claimedBytes: 4_000_000_000 }])), [
    ['small', 0, 4_000_000_000],
  ]);
});
