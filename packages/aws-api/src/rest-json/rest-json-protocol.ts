import assert from 'node:assert/strict';
import type { Answer, Protocol } from '../protocol.ts';
import { RouteTable } from '../route-table.ts';
import type { HttpBinding, OperationSchema } from '../schemas.ts';
import { compileErrors } from './rest-json-error.ts';
import { compileInput, type RestRequest } from './rest-json-input.ts';
import { compileOutput } from './rest-json-output.ts';

interface BoundOperation {
  readonly name: string;
  readonly decode: (request: RestRequest) => unknown;
  readonly encode: (output: unknown) => Answer;
}

/** restJson1: the path and the method name the operation, JSON carries what is not elsewhere. */
export const REST_JSON: Protocol = {
  bind(schemas) {
    const routes = new RouteTable<BoundOperation>();
    for (const operation of schemas.operations.values()) {
      const { name, http } = operation;
      assert(http, `${name} has no http trait`);
      routes.add(http.method, http.uri, bind(operation, http));
    }
    return {
      operationIn: 'head',
      failure: 'ServiceException',
      match({ method, target, headers }) {
        const route = routes.find(method, target);
        if (!route) return undefined;
        const { value: operation, labels, query } = route;
        return {
          operation: operation.name,
          decode: body => operation.decode({ labels, query, headers, body }),
          encode: operation.encode,
        };
      },
      encodeError: compileErrors(schemas),
    };
  },
};

function bind({ name, input, output }: OperationSchema, { uri, status }: HttpBinding): BoundOperation {
  return { name, decode: compileInput(input, { uri }), encode: compileOutput(output, { status }) };
}
