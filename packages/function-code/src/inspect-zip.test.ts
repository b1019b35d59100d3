import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AWS_QUOTAS, isFailure } from '@lambent/core';
import { type ForgedEntry, forgeZip } from '@lambent/testing';
import { inspectZip } from './inspect-zip.ts';
import { ZIP_BOUNDS } from './zip-bounds.ts';

const LINK = 0o120777;

test('a sound package is listed with its kinds, sizes and executable bits', async () => {
  const { entries, unzippedBytes } = await inspectZip(
    forgeZip([
      { name: 'bin/', mode: 0o040755 },
      { name: 'bin/run', content: '#!/bin/sh\n', mode: 0o104755 },
      { name: './index.js', content: 'exports.handler = 1' },
      { name: 'lib/a.js', content: 'x', stored: true },
      { name: 'current', content: 'lib', mode: LINK },
    ]),
  );
  assert.deepEqual(entries, [
    { path: 'bin', kind: 'directory', executable: false, bytes: 0 },
    { path: 'bin/run', kind: 'file', executable: true, bytes: 10 },
    { path: 'index.js', kind: 'file', executable: false, bytes: 19 },
    { path: 'lib/a.js', kind: 'file', executable: false, bytes: 1 },
    { path: 'current', kind: 'link', executable: false, bytes: 3 },
  ]);
  assert.equal(unzippedBytes, 33);
});

test('an empty archive is a sound package of nothing', async () => {
  assert.deepEqual((await inspectZip(forgeZip([]))).entries, []);
});

test('what is not a ZIP, or only its beginning, is refused', async () => {
  const whole = forgeZip([{ name: 'index.js', content: 'exports.handler = 1' }]);
  await refused(Buffer.from('no zip at all'), /not a zip/i);
  await refused(Buffer.alloc(0), /not a zip/i);
  await refused(whole.subarray(0, whole.length - 4), /not a zip/i);
  await refused(Buffer.concat([whole, Buffer.from('tail')]), /comment length/i);
});

test('every beginning of a package is refused and none of them hangs', async () => {
  const whole = forgeZip([{ name: 'index.js', content: 'exports.handler = 1' }]);
  for (let length = 0; length < whole.length; length += 1) await refused(whole.subarray(0, length), /./);
});

const HOSTILE_NAMES: readonly [name: string, because: RegExp][] = [
  ['../escape', /relative|leaves/],
  ['a/../../escape', /relative|leaves/],
  ['/etc/passwd', /absolute/],
  ['C:/windows', /absolute/],
  ['a\\b', /invalid characters|backslash/],
  ['a\0b', /NUL/],
  ['', /names no file/],
  ['.', /names no file/],
  ['x'.repeat(ZIP_BOUNDS.partBytes + 1), /too long/],
  [`${'deep/'.repeat(250)}file`, /too long/],
];

for (const [name, because] of HOSTILE_NAMES)
  test(`the name ${JSON.stringify(name.slice(0, 20))} is refused`, () =>
    refused(forgeZip([{ name, content: 'x' }]), because));

const HOSTILE_LINKS: readonly [path: string, target: string][] = [
  ['link', '/etc/passwd'],
  ['link', '../outside'],
  ['a/link', '../../outside'],
  ['link', 'inside/../../outside'],
  ['link', ''],
];

for (const [name, target] of HOSTILE_LINKS)
  test(`a link ${name} to ${JSON.stringify(target)} is refused`, () =>
    refused(forgeZip([{ name, content: target, mode: LINK }]), /points out/));

test('a link that climbs but stays inside is kept', async () => {
  await inspectZip(forgeZip([{ name: 'node_modules/.bin/tool', content: '../tool/cli.js', mode: LINK }]));
});

const CONTRADICTIONS: readonly [what: string, entries: readonly ForgedEntry[], because: RegExp][] = [
  [
    'a name twice',
    [
      { name: 'a', content: '1' },
      { name: './a', content: '2' },
    ],
    /twice/,
  ],
  [
    'a file that is a folder',
    [
      { name: 'a', content: '1' },
      { name: 'a/b', content: '2' },
    ],
    /both a file/,
  ],
  [
    'a file below a link',
    [
      { name: 'a', content: 'b', mode: LINK },
      { name: 'a/c', content: '' },
    ],
    /both a file/,
  ],
  ['a folder with content', [{ name: 'a/', content: 'x' }], /has content/],
  ['two names for one entry', [{ name: 'a', localName: 'b', content: 'x' }], /two names/],
  ['an encrypted entry', [{ name: 'a', content: 'x', flags: 1 }], /encrypted/],
  ['an unknown compression', [{ name: 'a', content: 'x', method: 12 }], /unknown method/],
  ['a device', [{ name: 'a', mode: 0o020644 }], /neither/],
  ['a wrong checksum', [{ name: 'a', content: 'x', crc: 1 }], /checksum/],
  [
    'more content than claimed',
    [{ name: 'a', content: 'x'.repeat(1000), claimedBytes: 10 }],
    /too many bytes/,
  ],
  ['less content than claimed', [{ name: 'a', content: 'x', claimedBytes: 10 }], /not enough bytes/],
  ['content that does not inflate', [{ name: 'a', content: 'not deflated', stored: true, method: 8 }], /./],
  [
    'overlapping entries',
    [
      { name: 'a', content: 'x' },
      { name: 'a', content: 'x', sharesWith: 0 },
    ],
    /twice|overlap/,
  ],
];

for (const [what, entries, because] of CONTRADICTIONS)
  test(`${what} is refused`, () => refused(forgeZip(entries), because));

test('two names that share one header are refused', () =>
  refused(
    forgeZip([
      { name: 'a', content: 'x' },
      { name: 'b', localName: 'b', content: 'x', sharesWith: 0 },
    ]),
    /two names|overlap/,
  ));

test('a directory that hides entries behind its count is refused', () =>
  refused(
    forgeZip(
      [
        { name: 'a', content: 'x' },
        { name: 'b', content: 'y' },
      ],
      { entries: 1 },
    ),
    /more entries than it says/,
  ));

test('a package that unpacks to more than the quota is refused without inflating it', () =>
  assert.rejects(
    inspectZip(forgeZip([{ name: 'big', content: 'x', claimedBytes: AWS_QUOTAS.codeUnzippedBytes + 1 }])),
    error => isFailure(error, 'code-too-large'),
  ));

test('a bomb is refused by its ratio', () =>
  refused(
    forgeZip([{ name: 'bomb', content: 'x', claimedBytes: ZIP_BOUNDS.ratioFreeBytes + 1 }]),
    /200 times/,
  ));

test('too many entries are refused before they are read', () =>
  // More than the plain format can count is told by a ZIP64 record; a claim is enough here.
  refused(forgeZip64Count(ZIP_BOUNDS.entries + 1), /more than 100000 entries/));

test('folders that only stand in paths count as entries', () =>
  refused(
    forgeZip(Array.from({ length: 10_000 }, (_, n) => ({ name: `${`${n}/`.repeat(20)}file` }))),
    /more than 100000 files and folders/,
  ));

async function refused(bytes: Uint8Array, because: RegExp): Promise<void> {
  await assert.rejects(inspectZip(bytes), error => {
    assert.ok(isFailure(error, 'code-invalid'), String(error));
    assert.match(String(error.fields['detail']), because);
    return true;
  });
}

function forgeZip64Count(entries: number): Buffer {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(BigInt(entries), 32);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  return Buffer.concat([record, locator, forgeZip([])]);
}
