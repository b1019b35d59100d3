import type { NormalizedSchema } from '@smithy/core/schema';
import { readBase64 } from '../base64.ts';
import { compileTextReader } from '../rest-json/text-value.ts';
import type { FormNode } from './form-tree.ts';

/** Makes of a part of a form the value of a member; undefined where the form says nothing of it. */
export type ReadForm = (node: FormNode) => unknown;

/** Compiles the reader of one schema. `structures` lets a schema contain itself. */
export function compileFormReader(
  schema: NormalizedSchema,
  structures: Map<unknown, ReadForm> = new Map(),
): ReadForm {
  if (schema.isStructSchema()) return structureReader(schema, structures);
  if (schema.isListSchema()) return listReader(schema, structures);
  if (schema.isMapSchema()) return mapReader(schema, structures);
  const read: (text: string) => unknown = schema.isBlobSchema()
    ? readBase64
    : compileTextReader(schema, 'query');
  return ({ text }) => (text === undefined ? undefined : read(text));
}

function structureReader(schema: NormalizedSchema, structures: Map<unknown, ReadForm>): ReadForm {
  const known = structures.get(schema.getSchema());
  if (known) return known;
  const members: { name: string; key: string; read: ReadForm }[] = [];
  const readStructure: ReadForm = ({ children }) => {
    const structure: Record<string, unknown> = {};
    for (const { name, key, read } of members) {
      const child = children.get(key);
      const value = child && read(child);
      if (value !== undefined) structure[name] = value;
    }
    return structure;
  };
  structures.set(schema.getSchema(), readStructure);
  for (const [name, member] of schema.structIterator())
    members.push({
      name,
      key: member.getMergedTraits().xmlName ?? name,
      read: compileFormReader(member, structures),
    });
  return readStructure;
}

/** `Tags.member.1`; an empty list is the name with nothing behind it. */
function listReader(schema: NormalizedSchema, structures: Map<unknown, ReadForm>): ReadForm {
  const element = schema.getValueSchema();
  const read = compileFormReader(element, structures);
  const flat = schema.getMergedTraits().xmlFlattened;
  const key = element.getMergedTraits().xmlName ?? 'member';
  return node => inOrder(flat ? node : node.children.get(key)).map(read);
}

/** `Tags.entry.1.key` and `.value`. */
function mapReader(schema: NormalizedSchema, structures: Map<unknown, ReadForm>): ReadForm {
  const readKey = compileFormReader(schema.getKeySchema(), structures);
  const readValue = compileFormReader(schema.getValueSchema(), structures);
  const flat = schema.getMergedTraits().xmlFlattened;
  return node => {
    const entries = inOrder(flat ? node : node.children.get('entry')).map(({ children }) => {
      const [key, value] = [children.get('key'), children.get('value')];
      return [key && readKey(key), value && readValue(value)];
    });
    return Object.fromEntries(entries.filter(([key, value]) => key !== undefined && value !== undefined));
  };
}

function inOrder(node: FormNode | undefined): FormNode[] {
  const numbered = [...(node?.children ?? [])].filter(([key]) => /^\d{1,9}$/.test(key));
  return numbered.sort(([one], [other]) => Number(one) - Number(other)).map(([, child]) => child);
}
