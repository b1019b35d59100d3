import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readTrace } from './trace-file.ts';

const CSV = `HashFunction,HashApp,HashOwner,1,2,3,4
f,a,o,1,2,3,4
g,a,o,0,0,0,0
h,a,o,1,1,1,1
i,a,o,9,9,9,9
`;

test('a trace gives the minutes asked for, of functions from all of the file', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'lambent-trace-'));
  try {
    const file = path.join(folder, 'trace.csv.gz');
    await writeFile(file, gzipSync(CSV));
    const wanted = { file, functions: 2, firstMinute: 1, minutes: 3 };
    assert.deepEqual(await readTrace({ ...wanted, share: 1 }), [
      [2, 3, 4],
      [1, 1, 1],
    ]);
    // A function that is called once a minute is called every other minute.
    assert.deepEqual(await readTrace({ ...wanted, share: 0.5 }), [
      [1, 1, 2],
      [0, 1, 0],
    ]);
    await assert.rejects(readTrace({ ...wanted, file: `${file}.none`, share: 1 }), /cannot be read/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
