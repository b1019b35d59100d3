import { AwsError } from '../aws-error.ts';
import type { Protocol } from '../protocol.ts';
import type { OperationSchema } from '../schemas.ts';
import { parseForm } from './form-tree.ts';
import { compileErrors, XML_TYPE } from './query-error.ts';
import { compileFormReader, type ReadForm } from './query-reader.ts';
import { compileXmlWriter, structure } from './query-writer.ts';

interface BoundOperation {
  readonly name: string;
  readonly read: ReadForm;
  readonly write: (output: object, requestId: string) => string;
}

/** awsQuery: a form names the operation and carries its input, and XML answers it. */
export function awsQuery(name: string, version: string): Protocol {
  const namespace = `https://${name}.amazonaws.com/doc/${version}/`;
  return {
    bind(schemas) {
      const operations = new Map(
        Array.from(schemas.operations.values(), it => [it.name, bind(it, { namespace })]),
      );
      return {
        operationIn: 'body',
        failure: 'InternalFailure',
        match({ target }, body) {
          const form = parseForm(target, body);
          const action = form.children.get('Action')?.text;
          if (!action) throw new AwsError('MissingAction', 'The request is missing an action.');
          const operation = operations.get(action);
          if (!operation)
            throw new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`);
          return {
            operation: operation.name,
            decode: () => operation.read(form),
            encode: (output, requestId) => ({
              status: 200,
              headers: { 'Content-Type': XML_TYPE },
              body: operation.write(output ?? {}, requestId),
            }),
          };
        },
        encodeError: compileErrors(schemas, { namespace }),
      };
    },
  };
}

/** The answer is one structure: the output under the operation's name, and the request's id. */
function bind({ name, input, output }: OperationSchema, options: { namespace: string }): BoundOperation {
  const metadata = structure('ResponseMetadata', { RequestId: undefined });
  const result = output.isStructSchema() ? output : undefined;
  const response = structure(`${name}Response`, {
    ...(result && { [`${name}Result`]: result }),
    ResponseMetadata: metadata,
  });
  const write = compileXmlWriter(response, options);
  return {
    name,
    read: input.isStructSchema() ? compileFormReader(input) : () => ({}),
    write: (members, requestId) =>
      write({ [`${name}Result`]: members, ResponseMetadata: { RequestId: requestId } }),
  };
}
