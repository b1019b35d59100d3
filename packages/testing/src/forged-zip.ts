import { crc32, deflateRawSync } from 'node:zlib';

/** One entry of a ZIP that honest tools refuse to make; whatever is left out is made to be true. */
export interface ForgedEntry {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** Unix mode with its type bits; without it the entry does not come from Unix. */
  readonly mode?: number;
  readonly stored?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  readonly claimedBytes?: number;
  /** What the entry's own header calls it. */
  readonly localName?: string;
  /** Points at the header of the entry with this index instead of its own. */
  readonly sharesWith?: number;
}

/** Writes a ZIP byte by byte, so that each lie can be told alone. */
export function forgeZip(entries: readonly ForgedEntry[], claims: { entries?: number } = {}): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const entry of entries) {
    const made = forgeEntry(entry);
    offsets.push(offset);
    const at = offsets[entry.sharesWith ?? offsets.length - 1] ?? 0;
    central.push(centralRecord(entry, made, at));
    if (entry.sharesWith !== undefined) continue;
    const record = Buffer.concat([localRecord(entry, made), made.data]);
    local.push(record);
    offset += record.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(claims.entries ?? entries.length, 8);
  end.writeUInt16LE(claims.entries ?? entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

interface MadeEntry {
  readonly data: Buffer;
  readonly crc: number;
  readonly bytes: number;
  readonly method: number;
}

function forgeEntry(entry: ForgedEntry): MadeEntry {
  const content = Buffer.from(entry.content ?? '');
  const stored = entry.stored ?? content.length === 0;
  return {
    data: stored ? content : deflateRawSync(content),
    crc: entry.crc ?? crc32(content),
    bytes: entry.claimedBytes ?? content.length,
    method: entry.method ?? (stored ? 0 : 8),
  };
}

function localRecord(entry: ForgedEntry, made: MadeEntry): Buffer {
  const name = Buffer.from(entry.localName ?? entry.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  writeShared(header, 6, entry, made);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function centralRecord(entry: ForgedEntry, made: MadeEntry, offset: number): Buffer {
  const name = Buffer.from(entry.name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(entry.mode === undefined ? 20 : (3 << 8) | 20, 4);
  header.writeUInt16LE(20, 6);
  writeShared(header, 8, entry, made);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(((entry.mode ?? 0) << 16) >>> 0, 38);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, name]);
}

/** The fields that both headers hold in the same order. */
function writeShared(header: Buffer, at: number, entry: ForgedEntry, made: MadeEntry): void {
  header.writeUInt16LE(entry.flags ?? UTF8_NAMES, at);
  header.writeUInt16LE(made.method, at + 2);
  header.writeUInt32LE(made.crc, at + 8);
  header.writeUInt32LE(made.data.length, at + 12);
  header.writeUInt32LE(made.bytes, at + 16);
}

const UTF8_NAMES = 0x800;
