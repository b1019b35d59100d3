import { fail } from '@lambent/core';
import type { Entry } from '@lambent/registry';
import type { z } from 'zod';
import { type AliasRecord, AliasRecordSchema } from './alias-record.ts';
import { type EventInvokeRecord, EventInvokeRecordSchema } from './event-invoke-record.ts';
import { type FunctionRecord, FunctionRecordSchema } from './function-record.ts';
import {
  type LayerRecord,
  LayerRecordSchema,
  type LayerVersionRecord,
  LayerVersionRecordSchema,
} from './layer-record.ts';
import { type PolicyRecord, PolicyRecordSchema } from './policy-record.ts';
import { type UrlOwner, UrlOwnerSchema, type UrlRecord, UrlRecordSchema } from './url-record.ts';
import { type VersionRecord, VersionRecordSchema } from './version-record.ts';

/** Records as the registry keeps them: JSON with a schema version, read strictly. An unknown member is an error. */
export function encodeRecord(
  record:
    | FunctionRecord
    | VersionRecord
    | AliasRecord
    | PolicyRecord
    | EventInvokeRecord
    | UrlRecord
    | UrlOwner
    | LayerRecord
    | LayerVersionRecord,
): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

export function decodeFunction(entry: Entry): FunctionRecord {
  return readRecord(FunctionRecordSchema, entry);
}

export function decodeVersion(entry: Entry): VersionRecord {
  return readRecord(VersionRecordSchema, entry);
}

export function decodeAlias(entry: Entry): AliasRecord {
  return readRecord(AliasRecordSchema, entry);
}

export function decodePolicy(entry: Entry): PolicyRecord {
  return readRecord(PolicyRecordSchema, entry);
}

export function decodeEventInvoke(entry: Entry): EventInvokeRecord {
  return readRecord(EventInvokeRecordSchema, entry);
}

export function decodeUrl(entry: Entry): UrlRecord {
  return readRecord(UrlRecordSchema, entry);
}

export function decodeUrlOwner(entry: Entry): UrlOwner {
  return readRecord(UrlOwnerSchema, entry);
}

export function decodeLayer(entry: Entry): LayerRecord {
  return readRecord(LayerRecordSchema, entry);
}

export function decodeLayerVersion(entry: Entry): LayerVersionRecord {
  return readRecord(LayerVersionRecordSchema, entry);
}

export function readRecord<T>(schema: z.ZodType<T>, entry: Entry): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(entry.value).toString()));
  } catch (cause) {
    throw fail('record-unreadable', { key: entry.key }, { cause });
  }
}
