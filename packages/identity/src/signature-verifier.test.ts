import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { Credentials, type SessionCredentials } from './credentials.ts';
import { IdentityStore } from './identity-store.ts';
import { SignatureVerifier } from './signature-verifier.ts';

const KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const SESSION = {
  kind: 'session',
  roleName: 'worker',
  rolePath: '/',
  roleId: 'AROAEXAMPLE',
  sessionName: 'one',
} as const;

async function open() {
  await using stack = new AsyncDisposableStack();
  const clock = new SimulatedClock();
  const random = new SeededRandom(1);
  const store = stack.use(await SqliteStore.open({ file: ':memory:' }));
  const registry = stack.use(await SqliteRegistry.open({ store, clock }));
  const identities = new IdentityStore({ registry, random });
  await identities.accessKeys.change(KEY.accessKeyId, () => ({
    put: { schema: 1, createdMs: 0, ...KEY, identity: { kind: 'root' } },
    result: undefined,
  }));
  const credentials = new Credentials({ registry, store: identities, clock, random });
  const elsewhere = new Credentials({
    registry,
    store: identities,
    clock,
    random: new SeededRandom(2),
  });
  const verifier = new SignatureVerifier({ credentials: elsewhere, clock });
  const owned = stack.move();
  return { clock, credentials, verifier, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query: Record<string, string | string[]>;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const POST: Sent = {
  method: 'POST',
  path: '/a%20b/c',
  query: { b: 'x y+z', a: ['2', '1'] },
  headers: { host: 'abc.lambda-url.example.org', 'content-type': 'text/plain', 'x-own': 'a   b' },
  body: 'hello',
};

interface SignOptions {
  readonly service?: string;
  readonly signingDate: Date;
  readonly credentials?: typeof KEY | SessionCredentials;
  readonly presigned?: boolean;
}

/** Signs as AWS's clients do, and gives what a server sees of it. */
async function sign(sent: Sent, options: SignOptions) {
  const { service = 'lambda', signingDate, credentials = KEY, presigned } = options;
  const signer = new SignatureV4({ service, region: 'eu-west-1', credentials, sha256: Sha256 });
  const request = { ...sent, protocol: 'https:', hostname: 'abc.lambda-url.example.org' };
  const signed = presigned
    ? await signer.presign(request, { signingDate, expiresIn: 900 })
    : await signer.sign(request, { signingDate });
  const query = Object.entries(signed.query ?? {}).flatMap(([name, value]) =>
    [value ?? ''].flat().map(each => `${encodeURIComponent(name)}=${encodeURIComponent(each)}`),
  );
  return { method: signed.method, target: `${signed.path}?${query.join('&')}`, headers: signed.headers };
}

describe('a signature', () => {
  test("of AWS's own signer holds, in the header and in the query, of keys and of sessions", async () => {
    await using opened = await open();
    const { clock, credentials, verifier } = opened;
    const session = await credentials.openSession(SESSION, 900_000);
    const signingDate = new Date(clock.nowMs());
    for (const presigned of [false, true]) {
      const ofKey = await sign(POST, { signingDate, presigned });
      assert.deepEqual(await verifier.verify(ofKey, Buffer.from(POST.body), 'lambda'), {
        kind: 'signed',
        accessKeyId: KEY.accessKeyId,
        identity: { kind: 'root' },
      });
      const ofSession = await sign(POST, { signingDate, presigned, credentials: session });
      assert.deepEqual(await verifier.verify(ofSession, Buffer.from(POST.body), 'lambda'), {
        kind: 'signed',
        accessKeyId: session.accessKeyId,
        identity: SESSION,
      });
    }
  });

  test('does not hold of another method, path, query, header, body, key or service', async () => {
    await using opened = await open();
    const { clock, verifier } = opened;
    const signingDate = new Date(clock.nowMs());
    for (const presigned of [false, true]) {
      const good = await sign(POST, { signingDate, presigned });
      const bad = [
        { ...good, method: 'PUT' },
        { ...good, target: good.target.replace('/c?', '/d?') },
        { ...good, target: good.target.replace('a=2', 'a=3') },
        { ...good, target: `${good.target}&c=1` },
        { ...good, target: `${good.target}&c=%` },
        { ...good, headers: { ...good.headers, host: 'other.example.org' } },
        { ...good, headers: {} },
        await sign(POST, {
          signingDate,
          presigned,
          credentials: { ...KEY, secretAccessKey: 'another' },
        }),
        await sign(POST, { signingDate, presigned, service: 's3' }),
      ];
      for (const request of bad) {
        const verdict = await verifier.verify(request, Buffer.from(POST.body), 'lambda');
        assert.equal(verdict.kind, 'refused', JSON.stringify(request));
      }
      const other = await verifier.verify(good, Buffer.from('other'), 'lambda');
      assert.equal(other.kind === 'refused' && other.error, 'InvalidSignatureException');
    }
  });

  test('holds five minutes around its time, and a presigned one as long as it says', async () => {
    await using opened = await open();
    const { clock, verifier } = opened;
    const at = (offsetMs: number) => new Date(clock.nowMs() + offsetMs);
    const cases: readonly (readonly [offsetMs: number, presigned: boolean, message?: RegExp])[] = [
      [-299_000, false],
      [
        -301_000,
        false,
        /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(.* - 5 min\.\)$/,
      ],
      [299_000, false],
      [302_000, false, /^Signature not yet current: \d{8}T\d{6}Z is still later than .* \+ 5 min\.\)$/],
      [-899_000, true],
      [-902_000, true, /^Signature expired/],
      [302_000, true, /^Signature not yet current/],
    ];
    for (const [offsetMs, presigned, message] of cases) {
      const request = await sign(POST, { signingDate: at(offsetMs), presigned });
      const verdict = await verifier.verify(request, Buffer.from(POST.body), 'lambda');
      if (!message) assert.equal(verdict.kind, 'signed', String(offsetMs));
      else assert.match(verdict.kind === 'refused' ? verdict.message : '', message);
    }
  });

  test('of nobody known, of a session that has ended, and none at all are told apart', async () => {
    await using opened = await open();
    const { clock, credentials, verifier } = opened;
    const session = await credentials.openSession(SESSION, 900_000);
    await clock.advance(900_000);
    const signingDate = new Date(clock.nowMs());
    const body = Buffer.from(POST.body);
    const errorOf = async (request: Awaited<ReturnType<typeof sign>>) => {
      const verdict = await verifier.verify(request, body, 'lambda');
      return verdict.kind === 'refused' ? verdict.error : verdict.kind;
    };
    const stranger = { ...KEY, accessKeyId: 'AKIAIOSFODNN7STRANGE' };
    const forged = { ...session, sessionToken: `${session.sessionToken.slice(0, -4)}AAAA` };
    const good = await sign(POST, { signingDate });
    const { authorization = '' } = good.headers;
    const headers = (value: string) => ({ ...good, headers: { ...good.headers, authorization: value } });
    assert.deepEqual(
      [
        await errorOf(await sign(POST, { signingDate, credentials: stranger })),
        await errorOf(await sign(POST, { signingDate, credentials: session })),
        await errorOf(await sign(POST, { signingDate, credentials: forged })),
        await errorOf({ ...good, headers: POST.headers }),
        await errorOf(headers(authorization.replace('HMAC-SHA256', 'ECDSA-P256-SHA256'))),
        await errorOf(headers(authorization.replace(/Signature=.*/, ''))),
        await errorOf(headers('AWS4-HMAC-SHA256')),
      ],
      [
        'UnrecognizedClientException',
        'ExpiredTokenException',
        'UnrecognizedClientException',
        'MissingAuthenticationTokenException',
        'IncompleteSignatureException',
        'IncompleteSignatureException',
        'IncompleteSignatureException',
      ],
    );
  });
});
