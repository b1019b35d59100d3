import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import type { NormalizedSchema } from '@smithy/core/schema';
import { parseJsonBody } from '../json-body.ts';
import { compileJsonMembersReader, compileJsonReader } from '../json-reader.ts';
import { labelsOf } from '../route-table.ts';
import { compileTextReader } from './text-value.ts';

/** What a routed request consists of. */
export interface RestRequest {
  readonly labels: readonly string[];
  readonly query: URLSearchParams | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

type Input = Record<string, unknown>;
/** Puts one member into the input, if the request has it. */
type Bind = (request: RestRequest, input: Input) => void;

/** Works out, member by member, where in a request an operation's input is. */
export function compileInput(
  schema: NormalizedSchema,
  { uri }: { readonly uri: string },
): (request: RestRequest) => Input {
  if (schema.isUnitSchema()) return () => ({});
  const binds: Bind[] = [];
  const inBody = new Set<string>();
  const queryNames = new Set(literalQueryNames(uri));
  const labels = labelsOf(uri);
  for (const [name, member] of schema.structIterator()) {
    const traits = member.getMergedTraits();
    if (traits.httpLabel) binds.push(bindLabel(name, member, labels.indexOf(name)));
    else if (traits.httpQuery !== undefined) {
      queryNames.add(traits.httpQuery);
      binds.push(bindQuery(name, member, traits.httpQuery));
    } else if (traits.httpQueryParams) binds.push(bindQueryParams(name, member, queryNames));
    else if (traits.httpHeader !== undefined) binds.push(bindHeader(name, member, traits.httpHeader));
    else if (traits.httpPrefixHeaders !== undefined)
      binds.push(bindPrefixHeaders(name, traits.httpPrefixHeaders));
    else if (traits.httpPayload) binds.push(bindPayload(name, member));
    else inBody.add(name);
  }
  if (inBody.size > 0) binds.push(bindBody(schema, inBody));
  return request => {
    const input: Input = {};
    for (const bind of binds) bind(request, input);
    return input;
  };
}

function literalQueryNames(uri: string): string[] {
  return [...new URLSearchParams(uri.split('?', 2)[1] ?? '').keys()];
}

function bindLabel(name: string, member: NormalizedSchema, index: number): Bind {
  assert(index >= 0, `no label is named ${name}`);
  const read = compileTextReader(member, 'label');
  return ({ labels }, input) => {
    input[name] = read(labels[index] as string);
  };
}

/** A list is the parameter repeated. */
function bindQuery(name: string, member: NormalizedSchema, parameter: string): Bind {
  if (member.isListSchema()) {
    const read = compileTextReader(member.getValueSchema(), 'query');
    return ({ query }, input) => {
      const texts = query?.getAll(parameter) ?? [];
      if (texts.length > 0) input[name] = texts.map(text => read(text));
    };
  }
  const read = compileTextReader(member, 'query');
  return ({ query }, input) => {
    const text = query?.get(parameter);
    if (text !== undefined && text !== null) input[name] = read(text);
  };
}

/** A map of the parameters that no other member is bound to. `bound` is complete only once all members are. */
function bindQueryParams(name: string, member: NormalizedSchema, bound: ReadonlySet<string>): Bind {
  const several = member.getValueSchema().isListSchema();
  return ({ query }, input) => {
    const names = new Set([...(query?.keys() ?? [])].filter(parameter => !bound.has(parameter)));
    if (names.size === 0) return;
    const entries = [...names].map(key => [key, several ? query?.getAll(key) : query?.get(key)]);
    input[name] = Object.fromEntries(entries);
  };
}

function bindHeader(name: string, member: NormalizedSchema, header: string): Bind {
  const read = compileTextReader(member, 'header');
  const key = header.toLowerCase();
  return ({ headers }, input) => {
    const text = headers[key];
    if (typeof text === 'string') input[name] = read(text);
  };
}

function bindPrefixHeaders(name: string, prefix: string): Bind {
  const start = prefix.toLowerCase();
  return ({ headers }, input) => {
    const entries = Object.entries(headers).filter(([key]) => key.startsWith(start));
    if (entries.length > 0)
      input[name] = Object.fromEntries(entries.map(([key, text]) => [key.slice(start.length), String(text)]));
  };
}

/** The body is the member: bytes or text as they are, or JSON. */
function bindPayload(name: string, member: NormalizedSchema): Bind {
  const read = compilePayloadReader(member);
  return ({ body }, input) => {
    if (body.length > 0) input[name] = read(body);
  };
}

function compilePayloadReader(member: NormalizedSchema): (body: Buffer) => unknown {
  if (member.isBlobSchema()) return body => body;
  if (member.isStringSchema()) return body => body.toString('utf8');
  const read = compileJsonReader(member);
  return body => read(parseJsonBody(body));
}

function bindBody(schema: NormalizedSchema, names: ReadonlySet<string>): Bind {
  const read = compileJsonMembersReader(schema, names);
  return ({ body }, input) => {
    Object.assign(input, read(parseJsonBody(body)));
  };
}
