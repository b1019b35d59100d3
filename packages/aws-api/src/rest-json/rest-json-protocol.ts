import type { Answer, Protocol } from '../protocol.ts';
import { RouteTable } from '../route-table.ts';
import type { OperationSchema } from '../schemas.ts';
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
    for (const operation of schemas.operations.values())
      routes.add(operation.method, operation.uri, bind(operation));
    return {
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

function bind(operation: OperationSchema): BoundOperation {
  return { name: operation.name, decode: compileInput(operation), encode: compileOutput(operation) };
}
