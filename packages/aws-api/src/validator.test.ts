import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from './aws-error.ts';
import { LAMBDA_CONSTRAINTS } from './lambda/constraints.ts';
import { loadLambdaSchemas } from './lambda/lambda-service.ts';
import { LAMBDA_RUNTIMES } from './lambda/runtimes.ts';
import { compileValidator } from './validator.ts';

const { operations } = await loadLambdaSchemas();

/** What is said of `input`, or nothing. */
function said(operation: string, input: object): [name: string, text: string | null] | undefined {
  const schema = operations.get(operation)?.input;
  assert.ok(schema);
  try {
    compileValidator(schema, LAMBDA_CONSTRAINTS[operation])(input);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof AwsError, String(error));
    return [error.name, error.wireMessage];
  }
}

const FUNCTION = { FunctionName: 'hello', Role: 'arn:aws:iam::123456789012:role/worker', Code: {} };

function saidOfFunction(overrides: object): string {
  const [name, text] =
    said('CreateFunction', { ...FUNCTION, ...overrides }) ?? assert.fail('it was let pass');
  assert.equal(name, 'ValidationException');
  return text ?? '';
}

test('a whole and valid input passes', () => {
  const input = {
    ...FUNCTION,
    Runtime: 'provided.al2023',
    Handler: 'index.handler',
    Timeout: 900,
    MemorySize: 10_240,
    Architectures: ['x86_64'],
    Environment: { Variables: { STAGE_1: '' } },
    Layers: ['arn:aws:lambda:eu-west-1:123456789012:layer:tools:3'],
    EphemeralStorage: { Size: 512 },
    KMSKeyArn: '',
  };
  assert.equal(said('CreateFunction', input), undefined);
});

test('a bound of a value is named with the value', () => {
  assert.equal(
    saidOfFunction({ MemorySize: 127 }),
    "1 validation error detected: Value '127' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
  );
  assert.equal(
    saidOfFunction({ Timeout: 901 }),
    "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
  );
});

test('a bound of a length, a pattern and an enumeration are named as AWS does', () => {
  const text = 'd'.repeat(257);
  assert.equal(
    saidOfFunction({ Description: text }),
    `1 validation error detected: Value '${text}' at 'description' failed to satisfy constraint: Member must have length less than or equal to 256`,
  );
  assert.equal(
    saidOfFunction({ Role: 'admin' }),
    "1 validation error detected: Value 'admin' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+",
  );
  assert.equal(
    saidOfFunction({ PackageType: 'Tar' }),
    "1 validation error detected: Value 'Tar' at 'packageType' failed to satisfy constraint: Member must satisfy enum value set: [Zip, Image]",
  );
  assert.equal(
    saidOfFunction({ KMSKeyArn: 'key' }),
    "1 validation error detected: Value 'key' at 'kMSKeyArn' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()",
  );
});

test('a required member that is missing is null, and nested members have a path', () => {
  assert.deepEqual(said('CreateFunction', {}), [
    'ValidationException',
    "3 validation errors detected: Value null at 'functionName' failed to satisfy constraint: Member must not be null; Value null at 'role' failed to satisfy constraint: Member must not be null; Value null at 'code' failed to satisfy constraint: Member must not be null",
  ]);
  assert.equal(
    saidOfFunction({ EphemeralStorage: {} }),
    "1 validation error detected: Value null at 'ephemeralStorage.size' failed to satisfy constraint: Member must not be null",
  );
  assert.equal(
    saidOfFunction({ FileSystemConfigs: [{ Arn: 'x', LocalMountPath: '/mnt/a' }] }).slice(0, 90),
    "1 validation error detected: Value 'x' at 'fileSystemConfigs.1.member.arn' failed to satis",
  );
});

test('what the elements of a list must satisfy is said of the whole list', () => {
  assert.equal(
    saidOfFunction({ Architectures: ['sparc'] }),
    "1 validation error detected: Value '[sparc]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
  );
  assert.equal(
    saidOfFunction({ Layers: ['a', 'b'] }),
    "1 validation error detected: Value '[a, b]' at 'layers' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 140, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+), Member must not be null]",
  );
  assert.equal(
    saidOfFunction({ Architectures: ['x86_64', 'arm64'] }),
    "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1",
  );
});

test('the value of an environment is not repeated when the name of a variable is refused', () => {
  assert.equal(
    saidOfFunction({ Environment: { Variables: { '1': 'secret' } } }),
    "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+, Member must not be null]",
  );
});

test('several errors are counted and joined, a pattern before a length', () => {
  const name = '!'.repeat(141);
  assert.match(
    saidOfFunction({ FunctionName: name, MemorySize: 1, Timeout: 0 }),
    /^4 validation errors detected: Value '!+' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: .+; Value '!+' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 140; Value '0' at 'timeout' .+ equal to 1; Value '1' at 'memorySize' .+ equal to 128$/,
  );
});

test('the service itself refuses a runtime and a long name, in its own words, once the rest holds', () => {
  assert.deepEqual(said('CreateFunction', { ...FUNCTION, Runtime: 'cobol' }), [
    'InvalidParameterValueException',
    `Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${LAMBDA_RUNTIMES.join(', ')}] or be a valid ARN`,
  ]);
  const name = 'n'.repeat(65);
  assert.deepEqual(said('CreateFunction', { ...FUNCTION, FunctionName: name }), [
    'InvalidParameterValueException',
    `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
  ]);
  assert.equal(
    said('CreateFunction', { ...FUNCTION, Runtime: 'cobol', MemorySize: 1 })?.[0],
    'ValidationException',
  );
});

test('a number with a fraction is of the wrong type where an integer is wanted', () => {
  assert.deepEqual(said('CreateFunction', { ...FUNCTION, MemorySize: 128.5 }), [
    'SerializationException',
    'NUMBER_VALUE can not be converted to an Integer',
  ]);
});

test('names of every form and their qualifiers pass', () => {
  const names = ['f', 'f:1', 'f:$LATEST', '123456789012:function:f', 'function:f'];
  for (const FunctionName of [...names, 'arn:aws:lambda:us-gov-east-1:123456789012:function:f:live'])
    assert.equal(said('Invoke', { FunctionName, Qualifier: '$LATEST.PUBLISHED' }), undefined, FunctionName);
  for (const FunctionName of ['', 'f f', 'arn:aws:s3:::bucket', 'f:'])
    assert.equal(said('Invoke', { FunctionName })?.[0], 'ValidationException', FunctionName);
});

test('a long value is cut and many violations are not all reported, so that no refusal is large', () => {
  assert.ok(saidOfFunction({ Handler: 'h'.repeat(100_000) }).length < 9_000);
  const FileSystemConfigs = Array.from({ length: 1_000 }, () => ({}));
  assert.match(saidOfFunction({ FileSystemConfigs }), /^50 validation errors detected/);
});
