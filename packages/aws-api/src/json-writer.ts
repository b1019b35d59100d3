import { JsonCodec2 } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';

/** Members that are null or undefined are left out, blobs become base64, timestamps what their schema says. */
export type WriteJson = (value: unknown) => Uint8Array;

/** As AWS's REST protocols speak it: a timestamp is seconds since the epoch unless its schema says otherwise. */
const SETTINGS = { timestampFormat: { useTrait: true, default: 7 }, jsonName: true } as const;

export function compileJsonWriter(schema: NormalizedSchema): WriteJson {
  const serializer = new JsonCodec2(SETTINGS).createSerializer();
  return value => {
    serializer.write(schema, value);
    // The codec's own bytes pose as a string too, and warn on the console of whoever treats them as one.
    const { buffer, byteOffset, byteLength } = serializer.flush() as Uint8Array;
    return new Uint8Array(buffer, byteOffset, byteLength);
  };
}

/** The structure with only these members, for a body that holds what is bound nowhere else. */
export function partOf(schema: NormalizedSchema, names: ReadonlySet<string>): NormalizedSchema {
  const structure = schema.getSchema() as unknown as readonly unknown[];
  const [tag, namespace, name, traits] = structure;
  const allNames = structure[4] as readonly string[];
  const allMembers = structure[5] as readonly unknown[];
  const kept = allNames.flatMap((member, index) => (names.has(member) ? [index] : []));
  const part = [tag, namespace, name, traits, kept.map(i => allNames[i]), kept.map(i => allMembers[i])];
  return NormalizedSchema.of(part as unknown as Parameters<typeof NormalizedSchema.of>[0]);
}
