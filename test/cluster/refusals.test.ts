import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { EXIT_CODES } from '@lambent/daemon';
import { startTestEtcd, startTestNats } from '@lambent/testing';
import { ClusterCertificates } from './cluster-certificates.ts';
import { pretendEtcd, pretendHttp, pretendNats } from './pretended-server.ts';
import { refusedMember } from './refused-member.ts';

const { unavailable, configInvalid } = EXIT_CODES;

/** A member for other servers than it has to have; `said` leads whoever reads it to the server and the cause. */
async function refuses(env: Readonly<Record<string, string>>, exitCode: number, said: RegExp): Promise<void> {
  const refusal = await refusedMember('gateway', env);
  assert.match(refusal.complaint, said);
  assert.equal(refusal.exitCode, exitCode, refusal.complaint);
}

suite('a member that finds the wrong etcd', () => {
  /** It is asked first, so that no NATS is needed. */
  const nowhere = { LAMBENT_NATS: '127.0.0.1:1' };

  test('refuses one that is too old', async () => {
    await using etcd = await pretendEtcd('3.4.23');
    await refuses(
      { ...nowhere, LAMBENT_ETCD: etcd.address },
      configInvalid,
      new RegExp(`the registry at http://${etcd.address} is etcd 3\\.4\\.23; 3\\.5 or newer is needed`),
    );
  });

  test('says that what listens there is none', async () => {
    await using http = await pretendHttp();
    const told = new RegExp(`http://${http.address}: what listens there is not etcd`);
    await refuses({ ...nowhere, LAMBENT_ETCD: http.address }, unavailable, told);
  });

  test('says that nobody listens there', async () => {
    await refuses(
      { ...nowhere, LAMBENT_ETCD: '127.0.0.1:1' },
      unavailable,
      /http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/,
    );
  });
});

suite('a member that finds the wrong NATS', () => {
  let etcd: Awaited<ReturnType<typeof startTestEtcd>>;
  before(async () => {
    etcd = await startTestEtcd();
  });
  after(() => etcd[Symbol.asyncDispose]());
  const refusesNats = (nats: string, exitCode: number, said: RegExp) =>
    refuses({ LAMBENT_ETCD: etcd.url, LAMBENT_NATS: nats }, exitCode, said);

  test('refuses one that is too old, or has no JetStream', async () => {
    for (const [info, told] of [
      [{ version: '2.9.10' }, 'nats-server 2\\.9\\.10 is older than 2\\.10\\.27'],
      [{ jetstream: false }, 'JetStream is not enabled'],
    ] as const) {
      await using nats = await pretendNats(info);
      await refusesNats(nats.address, configInvalid, new RegExp(`${nats.address}: ${told}`));
    }
  });

  test('refuses one that takes no large messages', async () => {
    await using nats = await startTestNats({ maxPayloadBytes: 1_048_576 });
    await refusesNats(nats.url, configInvalid, /max_payload is 1048576, and must be at least \d+/);
  });

  test('refuses one whose disk is promised to others already', async () => {
    await using nats = await startTestNats({ jetstream: { fileBytesMax: 64 * 1_024 ** 2 } });
    await refusesNats(nats.url, configInvalid, /the stream lambent-\S+: insufficient storage resources/);
  });

  test('says that what listens there is none', async () => {
    await using http = await pretendHttp();
    const told = new RegExp(
      `${http.address}: no server of NATS answered .*; something else may listen there`,
    );
    await refusesNats(http.address, unavailable, told);
  });
});

suite('members and servers that do not trust each other', () => {
  const stack = new AsyncDisposableStack();
  /** Without certificates, with those of the cluster, and with those of somebody else. */
  let open: { etcd: string; nats: string };
  let own: typeof open;
  let foreignNats: string;
  let [certified, stranger] = ['', ''];
  before(async () => {
    const certificates = stack.use(await ClusterCertificates.make());
    const strangers = stack.use(await ClusterCertificates.make());
    const start = async (of?: ClusterCertificates) => {
      const etcd = stack.use(await startTestEtcd(of && { tls: await of.filesOf('etcd') }));
      const nats = stack.use(await startTestNats(of && { tls: await of.filesOf('nats') }));
      return { etcd: etcd.url, nats: nats.url };
    };
    [open, own] = [await start(), await start(certificates)];
    foreignNats = stack.use(await startTestNats({ tls: await strangers.filesOf('nats') })).url;
    certified = await certificates.directoryOf('gateway');
    stranger = await strangers.directoryOf('gateway');
  });
  after(() => stack.disposeAsync());

  test('a member without certificates is told that the server wants some', async () => {
    await refuses(
      { LAMBENT_ETCD: own.etcd, LAMBENT_NATS: own.nats },
      unavailable,
      /http:\/\/127\.0\.0\.1:\d+: .*only one of them speaks TLS/,
    );
    await refuses(
      { LAMBENT_ETCD: open.etcd, LAMBENT_NATS: own.nats },
      unavailable,
      /127\.0\.0\.1:\d+: it speaks TLS only, and this member was given no certificates/,
    );
  });

  test('a member with certificates says nothing to a server without', async () => {
    const env = { LAMBENT_TLS: certified };
    await refuses(
      { ...env, LAMBENT_ETCD: open.etcd, LAMBENT_NATS: own.nats },
      unavailable,
      /https:\/\/127\.0\.0\.1:\d+: it does not speak TLS/,
    );
    await refuses(
      { ...env, LAMBENT_ETCD: own.etcd, LAMBENT_NATS: open.nats },
      unavailable,
      /127\.0\.0\.1:\d+: server does not support 'tls'/,
    );
  });

  test('a certificate of another authority is not trusted', async () => {
    await refuses(
      { LAMBENT_TLS: stranger, LAMBENT_ETCD: own.etcd, LAMBENT_NATS: own.nats },
      unavailable,
      /https:\/\/127\.0\.0\.1:\d+: the authority of this cluster did not sign the certificate that it shows$/,
    );
    await refuses(
      { LAMBENT_TLS: certified, LAMBENT_ETCD: own.etcd, LAMBENT_NATS: foreignNats },
      unavailable,
      /127\.0\.0\.1:\d+: the authority of this cluster did not sign the certificate that it shows$/,
    );
  });
});

test('a certificate that has expired is refused with its file and its end', async () => {
  await using certificates = await ClusterCertificates.make();
  const directory = await certificates.directoryOf('gateway', [], { endsInMs: -1_000 });
  const { complaint, exitCode } = await refusedMember('gateway', {
    LAMBENT_TLS: directory,
    LAMBENT_ETCD: '127.0.0.1:1',
    LAMBENT_NATS: '127.0.0.1:1',
  });
  assert.match(complaint, /gateway-1\/cert\.pem cannot be used: it expired on \d{4}-\d\d-\d\dT/);
  assert.equal(exitCode, configInvalid);
});
