import { XmlShapeSerializer } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';

/** Timestamps are written as dates unless their schema says otherwise. */
const SETTINGS = { timestampFormat: { useTrait: true, default: 5 }, httpBindings: false } as const;
const STRUCTURE_TAG = 3;
const STRING = 0;

/** Writes a structure as an element of the schema's name. */
export function compileXmlWriter(
  schema: NormalizedSchema,
  { namespace }: { namespace: string },
): (value: object) => string {
  const serializer = new XmlShapeSerializer({
    ...SETTINGS,
    xmlNamespace: namespace,
    serviceNamespace: namespace,
  });
  return value => {
    serializer.write(schema, value);
    return serializer.flush() as string;
  };
}

/** A structure that no service publishes: what its answers are wrapped into. Members are texts unless given otherwise. */
export function structure(
  name: string,
  members: Readonly<Record<string, NormalizedSchema | undefined>>,
): NormalizedSchema {
  const schemas = Object.values(members).map(member => member?.getSchema() ?? STRING);
  const schema = [STRUCTURE_TAG, 'query', name, STRING, Object.keys(members), schemas];
  return NormalizedSchema.of(schema as unknown as Parameters<typeof NormalizedSchema.of>[0]);
}
