import type { NormalizedSchema } from '@smithy/core/schema';
import { compileEventStreamWriter } from '../event-stream.ts';
import { compileJsonWriter, partOf } from '../json-writer.ts';
import type { Answer } from '../protocol.ts';
import { compileTextWriter } from './text-value.ts';

export const JSON_TYPE = 'application/json';

type Output = Readonly<Record<string, unknown>>;
type WriteBody = (output: Output) => Answer['body'];

/** One member that is a header of the answer. */
interface BoundHeader {
  readonly name: string;
  readonly header: string;
  readonly write: (value: unknown) => string;
}

/** Where the members of a structure go: to headers, the status, or the body. */
export interface OutputBinding {
  readonly statusMember: string | undefined;
  readonly writeHeaders: (output: Output, headers: Record<string, string>) => void;
  readonly contentType: string;
  readonly writeBody: WriteBody;
}

/** Statuses whose answers have no body, whatever the schema says. */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

export function compileOutput(
  schema: NormalizedSchema,
  { status: usual }: { readonly status: number },
): (output: unknown) => Answer {
  const binding = bindOutput(schema);
  return output => {
    const members = (output ?? {}) as Output;
    const chosen = binding.statusMember === undefined ? undefined : members[binding.statusMember];
    const status = typeof chosen === 'number' ? chosen : usual;
    const headers: Record<string, string> = { 'Content-Type': binding.contentType };
    binding.writeHeaders(members, headers);
    return { status, headers, body: BODILESS.has(status) ? undefined : binding.writeBody(members) };
  };
}

export function bindOutput(schema: NormalizedSchema): OutputBinding {
  const headers: BoundHeader[] = [];
  const inBody = new Set<string>();
  let statusMember: string | undefined;
  let payload: readonly [name: string, schema: NormalizedSchema] | undefined;
  if (schema.isStructSchema())
    for (const [name, member] of schema.structIterator()) {
      const traits = member.getMergedTraits();
      if (traits.httpHeader !== undefined)
        headers.push({ name, header: traits.httpHeader, write: compileTextWriter(member) });
      else if (traits.httpResponseCode) statusMember = name;
      else if (traits.httpPayload) payload = [name, member];
      else inBody.add(name);
    }
  return {
    statusMember,
    writeHeaders: (output, into) => {
      for (const { name, header, write } of headers) {
        const value = output[name];
        if (value !== undefined && value !== null) into[header] = write(value);
      }
    },
    ...(payload ? bindPayload(...payload) : bindJson(schema, inBody)),
  };
}

function bindJson(
  schema: NormalizedSchema,
  inBody: ReadonlySet<string>,
): Pick<OutputBinding, 'contentType' | 'writeBody'> {
  if (inBody.size === 0) return { contentType: JSON_TYPE, writeBody: () => undefined };
  return { contentType: JSON_TYPE, writeBody: compileJsonWriter(partOf(schema, inBody)) };
}

function bindPayload(
  name: string,
  schema: NormalizedSchema,
): Pick<OutputBinding, 'contentType' | 'writeBody'> {
  if (schema.isStreaming() && schema.isUnionSchema()) {
    const write = compileEventStreamWriter(schema);
    return {
      contentType: 'application/vnd.amazon.eventstream',
      writeBody: output => {
        const events = output[name] as AsyncIterable<Record<string, unknown>> | undefined;
        return events && write(events);
      },
    };
  }
  if (schema.isBlobSchema() || schema.isStringSchema())
    return {
      contentType: JSON_TYPE,
      writeBody: output => (output[name] ?? undefined) as Uint8Array | undefined,
    };
  const write = compileJsonWriter(schema);
  return { contentType: JSON_TYPE, writeBody: output => write(output[name] ?? {}) };
}
