import { AwsError } from '../aws-error.ts';
import { COMMON_ERRORS } from '../common-errors.ts';
import { parseJsonBody } from '../json-body.ts';
import { compileJsonReader } from '../json-reader.ts';
import { compileJsonWriter } from '../json-writer.ts';
import type { Answer, Protocol } from '../protocol.ts';
import type { OperationSchema, Schemas } from '../schemas.ts';

const CONTENT_TYPE = 'application/x-amz-json-1.1';

/** awsJson 1.1: `X-Amz-Target` names the operation, JSON carries everything. */
export const AWS_JSON: Protocol = {
  bind(schemas) {
    const operations = new Map(Array.from(schemas.operations.values(), it => [it.name, bind(it)]));
    return {
      operationIn: 'head',
      failure: 'InternalFailure',
      match({ headers }) {
        const target = headers['x-amz-target'];
        const name = typeof target === 'string' ? target.slice(target.indexOf('.') + 1) : '';
        const operation = operations.get(name);
        if (!operation) throw new AwsError('UnknownOperationException', null);
        return operation;
      },
      encodeError: error => encodeError(error, schemas),
    };
  },
};

function bind({ name, input, output }: OperationSchema) {
  const read = input.isStructSchema() ? compileJsonReader(input) : () => ({});
  const write = output.isStructSchema() ? compileJsonWriter(output) : () => undefined;
  return {
    operation: name,
    decode: (body: Buffer) => read(parseJsonBody(body)),
    encode: (members: unknown): Answer => ({
      status: 200,
      headers: { 'Content-Type': CONTENT_TYPE },
      body: write(members ?? {}),
    }),
  };
}

/** AWS says of its common errors the same in every protocol but for where the name stands. */
function encodeError(error: AwsError, { errors }: Schemas): Answer | undefined {
  const common = Object.hasOwn(COMMON_ERRORS, error.name) ? COMMON_ERRORS[error.name] : undefined;
  const known = errors.get(error.name) ?? common;
  if (!known) return undefined;
  const text = error.wireMessage === null ? {} : { [common?.messageKey ?? 'message']: error.wireMessage };
  return {
    status: known.status,
    headers: { 'Content-Type': CONTENT_TYPE, 'x-amzn-ErrorType': error.name, ...error.headers },
    body: JSON.stringify({ __type: error.name, ...text, ...error.fields }),
  };
}
