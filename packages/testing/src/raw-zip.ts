import { crc32, deflateRawSync } from 'node:zlib';

/** One entry, written as told, however wrong: honest tools refuse to make what a hostile client sends. */
export interface RawEntry {
  readonly name: string;
  readonly content?: Uint8Array | string;
  /** Unix mode with its type bits: 0o120777 makes a symbolic link to `content`. */
  readonly mode?: number;
  /** Size that the headers claim, where it shall differ from the truth. */
  readonly claimedBytes?: number;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const DEFLATED = 8;
const ZIP_2_0 = 20;
const MADE_BY_UNIX = 3 << 8;
const UTF8_NAMES = 1 << 11;
const PLAIN_MODE = 0o100644;

/** A ZIP of exactly these entries: duplicate, absolute and climbing names, links and lies included. */
export function rawZip(entries: readonly RawEntry[]): Uint8Array {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { local, central } = encode(entry, offset);
    bodies.push(local);
    directory.push(central);
    offset += local.length;
  }
  const directoryBytes = directory.reduce((sum, part) => sum + part.length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_OF_DIRECTORY, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}

function encode(entry: RawEntry, offset: number): { local: Buffer; central: Buffer } {
  const name = Buffer.from(entry.name);
  const content = Buffer.from(entry.content ?? '');
  const packed = deflateRawSync(content);
  // The fields that both headers share, from "version needed" to "extra length".
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(ZIP_2_0, 0);
  shared.writeUInt16LE(UTF8_NAMES, 2);
  shared.writeUInt16LE(DEFLATED, 4);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(packed.length, 14);
  shared.writeUInt32LE(entry.claimedBytes ?? content.length, 18);
  shared.writeUInt16LE(name.length, 22);

  const localStart = Buffer.alloc(4);
  localStart.writeUInt32LE(LOCAL_HEADER);
  const centralStart = Buffer.alloc(6);
  centralStart.writeUInt32LE(CENTRAL_HEADER);
  centralStart.writeUInt16LE(MADE_BY_UNIX | ZIP_2_0, 4);
  const centralEnd = Buffer.alloc(14);
  centralEnd.writeUInt32LE(((entry.mode ?? PLAIN_MODE) << 16) >>> 0, 6);
  centralEnd.writeUInt32LE(offset, 10);
  return {
    local: Buffer.concat([localStart, shared, name, packed]),
    central: Buffer.concat([centralStart, shared, centralEnd, name]),
  };
}
