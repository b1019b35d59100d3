/**
 * What people and attackers send by mistake and on purpose. Each is refused in AWS's words, nothing of it is written,
 * and the service goes on.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  type LambdaClient,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { type ForgedEntry, forgeZip, zipOf } from '@lambent/testing';
import { type DeployedFunction, deploy, ROLE } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

interface Refusal {
  readonly status: number;
  /** `x-amzn-ErrorType`. */
  readonly error: string;
  readonly message: RegExp;
}

const NOT_A_ZIP: Refusal = {
  status: 400,
  error: 'InvalidParameterValueException',
  message: /^Could not unzip uploaded file\. Please check your file, then try to upload again\.$/,
};
const TOO_LARGE_UNZIPPED: Refusal = {
  status: 400,
  error: 'InvalidParameterValueException',
  message: /^Unzipped size must be smaller than 262144000 bytes$/,
};
const MEBIBYTE = 1 << 20;
const SYMBOLIC_LINK = 0o120777;
/** One sound file, so that a package is refused for what is wrong with it and for nothing else. */
const SOUND: ForgedEntry = { name: 'index.mjs', content: 'export const handler = () => 1;' };

const PACKAGES: readonly { readonly what: string; zip(): Uint8Array; readonly refusal: Refusal }[] = [
  { what: 'text', zip: () => Buffer.from('this is no ZIP'), refusal: NOT_A_ZIP },
  { what: 'random-looking bytes', zip: () => Buffer.alloc(5_000, 'PK\x03\x04'), refusal: NOT_A_ZIP },
  { what: 'a package without its end', zip: () => forgeZip([SOUND]).slice(0, -30), refusal: NOT_A_ZIP },
  { what: 'a package without its beginning', zip: () => forgeZip([SOUND]).slice(20), refusal: NOT_A_ZIP },
  { what: 'a path that climbs out', zip: () => forgeZip([SOUND, { name: '../x' }]), refusal: NOT_A_ZIP },
  {
    what: 'a path that climbs out later',
    zip: () => forgeZip([SOUND, { name: 'a/../../x' }]),
    refusal: NOT_A_ZIP,
  },
  { what: 'an absolute path', zip: () => forgeZip([SOUND, { name: '/etc/cron.d/x' }]), refusal: NOT_A_ZIP },
  {
    what: 'a link out',
    zip: () => forgeZip([SOUND, { name: 'link', content: '/etc', mode: SYMBOLIC_LINK }]),
    refusal: NOT_A_ZIP,
  },
  {
    what: 'a link out and a file through it',
    zip: () =>
      forgeZip([
        SOUND,
        { name: 'link', content: '../..', mode: SYMBOLIC_LINK },
        { name: 'link/x', content: 'through' },
      ]),
    refusal: NOT_A_ZIP,
  },
  { what: 'a name twice', zip: () => forgeZip([SOUND, SOUND]), refusal: NOT_A_ZIP },
  {
    what: 'a bomb by size',
    zip: () => forgeZip(Array.from({ length: 9 }, (_, n) => zeros(`${n}`, 32 * MEBIBYTE))),
    refusal: { ...TOO_LARGE_UNZIPPED, message: /^(Unzipped size must be smaller|Could not unzip)/ },
  },
  {
    what: 'a bomb by ratio',
    zip: () => forgeZip([SOUND, zeros('zeros', 200 * MEBIBYTE)]),
    refusal: NOT_A_ZIP,
  },
  {
    what: 'a bomb that claims to be small',
    zip: () => forgeZip([SOUND, { ...zeros('zeros', 64 * MEBIBYTE), claimedBytes: 10 }]),
    refusal: NOT_A_ZIP,
  },
  {
    what: 'a bomb by claim',
    zip: () => forgeZip([SOUND, { name: 'claim', content: 'x', claimedBytes: 300 * MEBIBYTE }]),
    refusal: { ...TOO_LARGE_UNZIPPED, message: /^(Unzipped size must be smaller|Could not unzip)/ },
  },
  {
    what: 'a bomb by entries',
    // More than a ZIP's 16-bit count can say would need other headers; the folders that names imply are more.
    zip: () => forgeZip(Array.from({ length: 65_000 }, (_, n) => ({ name: `${n}/`.repeat(20) }))),
    refusal: NOT_A_ZIP,
  },
];

/** Members of a sound CreateFunction, each made wrong. */
const MEMBERS: readonly {
  readonly what: string;
  readonly wrong: Partial<CreateFunctionCommandInput>;
  readonly refusal: Refusal;
}[] = [
  {
    what: 'a name of 65 characters',
    wrong: { FunctionName: 'n'.repeat(65) },
    refusal: {
      status: 400,
      error: 'InvalidParameterValueException',
      message:
        /^1 validation error detected: Value '.*' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64$/,
    },
  },
  {
    what: 'a name with blanks',
    wrong: { FunctionName: 'two words' },
    refusal: {
      status: 400,
      error: 'ValidationException',
      message: /'functionName'.*regular expression pattern/,
    },
  },
  {
    what: 'a runtime that never was',
    wrong: { Runtime: 'nodejs1.x' as never },
    refusal: {
      status: 400,
      error: 'InvalidParameterValueException',
      message:
        /^Value nodejs1\.x at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[.*\] or be a valid ARN$/,
    },
  },
  {
    what: 'a runtime that is no more',
    wrong: { Runtime: 'nodejs12.x' },
    refusal: {
      status: 400,
      error: 'InvalidParameterValueException',
      message: /^The runtime parameter of nodejs12\.x is no longer supported/,
    },
  },
  {
    what: 'an architecture that never was',
    wrong: { Architectures: ['mips' as never] },
    refusal: {
      status: 400,
      error: 'ValidationException',
      message: /'architectures'.*enum value set: \[x86_64, arm64\]/,
    },
  },
  {
    what: 'too little memory',
    wrong: { MemorySize: 64 },
    refusal: {
      status: 400,
      error: 'ValidationException',
      message:
        /Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128/,
    },
  },
  {
    what: 'no time at all',
    wrong: { Timeout: 0 },
    refusal: { status: 400, error: 'ValidationException', message: /'timeout'.*greater than or equal to 1/ },
  },
  {
    what: 'a role that is none',
    wrong: { Role: 'admin' },
    refusal: { status: 400, error: 'ValidationException', message: /'role'.*regular expression pattern/ },
  },
  {
    what: 'a reserved variable',
    wrong: { Environment: { Variables: { AWS_REGION: 'moon-1' } } },
    refusal: {
      status: 400,
      error: 'InvalidParameterValueException',
      message: /contains reserved keys.*Reserved keys used in this request: AWS_REGION/,
    },
  },
  {
    what: 'variables over 4 KB',
    wrong: { Environment: { Variables: { LONG: 'x'.repeat(5_000) } } },
    refusal: { status: 400, error: 'InvalidParameterValueException', message: /exceeded the 4KB limit/ },
  },
  {
    what: 'no code',
    wrong: { Code: {} },
    refusal: { status: 400, error: 'InvalidParameterValueException', message: /source for function code/i },
  },
];

const INVOCATION = '/2015-03-31/functions/steady/invocations';
const REQUESTS: readonly {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  body?(): string | Uint8Array<ArrayBuffer>;
  readonly refusal: Refusal;
}[] = [
  {
    what: 'an event that is not JSON',
    path: INVOCATION,
    body: () => '{"n": 1',
    refusal: {
      status: 400,
      error: 'InvalidRequestContentException',
      message: /^Could not parse request body into json: Could not parse payload into json: /,
    },
  },
  {
    what: 'an event that is not text',
    path: INVOCATION,
    body: () => Uint8Array.of(0x22, 0xff, 0xfe, 0x22),
    refusal: {
      status: 400,
      error: 'InvalidRequestContentException',
      message: /^Could not parse request body/,
    },
  },
  {
    what: 'an event over six megabytes',
    path: INVOCATION,
    body: () => JSON.stringify('x'.repeat(6_291_557)),
    refusal: {
      status: 413,
      error: 'RequestEntityTooLargeException',
      message: /^Request must be smaller than 6291456 bytes for the InvokeFunction operation$/,
    },
  },
  {
    what: 'an asynchronous event over one megabyte',
    path: INVOCATION,
    headers: { 'X-Amz-Invocation-Type': 'Event' },
    body: () => JSON.stringify('x'.repeat(1_048_577)),
    refusal: {
      status: 413,
      error: 'RequestEntityTooLargeException',
      message: /^1048579 byte payload is too large for the Event invocation type \(limit 1048576 bytes\)$/,
    },
  },
  {
    what: 'an invocation type that never was',
    path: INVOCATION,
    headers: { 'X-Amz-Invocation-Type': 'Later' },
    refusal: { status: 400, error: 'ValidationException', message: /'invocationType'.*enum value set/ },
  },
  {
    what: 'a function that is not there',
    path: '/2015-03-31/functions/nobody/invocations',
    refusal: {
      status: 404,
      error: 'ResourceNotFoundException',
      message: /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody$/,
    },
  },
  {
    what: 'a version that is not there',
    path: `${INVOCATION}?Qualifier=7`,
    refusal: {
      status: 404,
      error: 'ResourceNotFoundException',
      message: /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:steady:7$/,
    },
  },
  {
    what: 'an alias that is not there',
    path: `${INVOCATION}?Qualifier=live`,
    refusal: {
      status: 404,
      error: 'ResourceNotFoundException',
      message: /^Function not found: arn:aws:lambda:us-east-1:000000000000:function:steady:live$/,
    },
  },
  {
    what: 'two qualifiers that differ',
    path: '/2015-03-31/functions/steady:1/invocations?Qualifier=2',
    refusal: {
      status: 400,
      error: 'InvalidParameterValueException',
      message: /^The derived qualifier from the function name does not match the specified qualifier\.$/,
    },
  },
  {
    what: 'a function of another region',
    path: '/2015-03-31/functions/arn:aws:lambda:eu-west-1:000000000000:function:steady/invocations',
    refusal: {
      status: 404,
      error: 'ResourceNotFoundException',
      message: /^Functions from 'eu-west-1' are not reachable in this region \('us-east-1'\)$/,
    },
  },
  {
    what: 'a client context that is no base64 of JSON',
    path: INVOCATION,
    headers: { 'X-Amz-Client-Context': Buffer.from('{"custom":').toString('base64') },
    refusal: { status: 400, error: 'InvalidRequestContentException', message: /[Cc]lient [Cc]ontext/ },
  },
  {
    what: 'a function whose description is not JSON',
    path: '/2015-03-31/functions',
    body: () => '<xml/>',
    refusal: {
      status: 400,
      error: 'SerializationException',
      message: /^Could not parse request body into json/,
    },
  },
  {
    what: 'a function whose description is a list',
    path: '/2015-03-31/functions',
    body: () => '[]',
    refusal: { status: 400, error: 'SerializationException', message: /./ },
  },
  {
    what: 'a function without anything said of it',
    path: '/2015-03-31/functions',
    body: () => '{}',
    refusal: {
      status: 400,
      error: 'ValidationException',
      message:
        /^3 validation errors detected: .*Value null at '\w+' failed to satisfy constraint: Member must not be null/,
    },
  },
  {
    what: 'code that is no base64',
    path: '/2015-03-31/functions',
    body: () =>
      JSON.stringify({
        FunctionName: 'x',
        Role: ROLE,
        Runtime: 'nodejs24.x',
        Handler: 'x.y',
        Code: { ZipFile: '@@@' },
      }),
    refusal: { status: 400, error: 'SerializationException', message: /./ },
  },
  {
    what: 'a page larger than there is',
    method: 'GET',
    path: '/2015-03-31/functions?MaxItems=10001',
    refusal: {
      status: 400,
      error: 'ValidationException',
      message: /'maxItems'.*less than or equal to 10000/,
    },
  },
];

describe('bad input', () => {
  let lambent: Target;
  let client: LambdaClient;
  let steady: DeployedFunction;
  /** Of the steady one and, where others share the target, theirs. */
  let functions: readonly string[];
  let blobs: readonly string[];
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
    steady = await deploy(client, {
      name: 'steady',
      files: { 'index.mjs': 'export const handler = async event => event;' },
    });
    functions = await functionNames();
    assert.ok(functions.includes('steady'));
    blobs = await lambent.storedCode();
    assert.ok(blobs.length > 0);
  });
  after(() => lambent[Symbol.asyncDispose]());

  afterEach(async () => {
    assert.deepEqual(await functionNames(), functions, 'no function came of it');
    assert.deepEqual(await lambent.storedCode(), blobs, 'nothing was stored of it');
    assert.equal((await steady.invoke('go on')).payload, 'go on', 'the service goes on');
  });

  async function functionNames(): Promise<string[]> {
    const pages = paginateListFunctions({ client }, {});
    const listed = await Array.fromAsync(pages, page => page.Functions ?? []);
    return listed.flat().map(each => each.FunctionName ?? '');
  }

  async function create(input: Partial<CreateFunctionCommandInput>): Promise<void> {
    await client.send(
      new CreateFunctionCommand({
        FunctionName: 'refused',
        Role: ROLE,
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Code: { ZipFile: await zipOf({ 'index.mjs': 'export const handler = () => 1;' }) },
        ...input,
      }),
    );
  }

  for (const { what, zip, refusal } of PACKAGES) {
    test(`${what} is no code package`, async () => {
      await assert.rejects(create({ Code: { ZipFile: zip() } }), refusedAs(refusal));
    });
  }

  test('a package over 50 MB is refused for its size', async () => {
    const refusal = {
      status: 413,
      error: 'RequestEntityTooLargeException',
      message: /smaller than \d+ bytes/,
    };
    await assert.rejects(create({ Code: { ZipFile: Buffer.alloc(52_428_801, 1) } }), refusedAs(refusal));
  });

  for (const { what, wrong, refusal } of MEMBERS) {
    test(`${what} is refused`, async () => {
      await assert.rejects(create(wrong), refusedAs(refusal));
    });
  }

  for (const { what, refusal, method = 'POST', body, headers, ...request } of REQUESTS) {
    test(`${what} is refused`, async () => {
      const response = await fetch(new URL(request.path, lambent.url), {
        method,
        headers: { 'Content-Type': 'application/json', ...headers },
        ...(method === 'POST' && { body: body?.() ?? '{}' }),
      });
      const said = (await response.json()) as { message?: string; Message?: string };
      assert.equal(response.headers.get('x-amzn-errortype'), refusal.error, JSON.stringify(said));
      assert.equal(response.status, refusal.status);
      assert.match(said.message ?? said.Message ?? '', refusal.message);
      assert.match(response.headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/);
    });
  }

  test('a path that is no operation is refused', async () => {
    const response = await fetch(new URL('/2015-03-31/elsewhere', lambent.url));
    assert.equal(response.status, 403);
    assert.equal(response.headers.get('x-amzn-errortype'), 'AccessDeniedException');
    await response.body?.cancel();
  });

  test('a request that stops half-way does no harm', async () => {
    const { hostname, port } = new URL(lambent.url);
    const head = `POST ${INVOCATION} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"half": "`;
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(Number(port), hostname);
        await new Promise<void>((resolve, reject) => {
          socket.once('error', reject);
          socket.write(head, () => resolve());
        });
        socket.destroy();
      }),
    );
  });

  test('a request that is no HTTP is refused', async () => {
    const { hostname, port } = new URL(lambent.url);
    const socket = connect(Number(port), hostname);
    socket.end('\x16\x03\x01\x02\x00 hello\r\n\r\n');
    const answer = await Array.fromAsync(socket);
    assert.match(Buffer.concat(answer).toString(), /^HTTP\/1\.1 400 /);
  });
});

function zeros(name: string, bytes: number): ForgedEntry {
  return { name, content: Buffer.alloc(bytes) };
}

function refusedAs(refusal: Refusal): (error: unknown) => boolean {
  return error => {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    assert.equal(name, refusal.error, message);
    assert.match(message, refusal.message);
    assert.equal($metadata?.httpStatusCode, refusal.status);
    return true;
  };
}
