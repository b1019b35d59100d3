import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { readSettings } from '../settings.ts';
import { hostAndPortOf, networkOf } from './network.ts';

const NEAR = { LAMBENT_ETCD: '127.0.0.1:2379,localhost:2380', LAMBENT_NATS: 'nats://[::1]:4222' };

function refused(env: NodeJS.ProcessEnv): string {
  try {
    networkOf('worker', readSettings({ ...NEAR, ...env }));
  } catch (error) {
    assert.ok(isFailure(error, 'config-invalid'));
    return String(error.fields['name']);
  }
  return 'nothing';
}

test('servers are told apart, and whether they are spoken to in TLS is not said by their addresses', () => {
  assert.deepEqual(networkOf('worker', readSettings(NEAR)), {
    etcd: ['127.0.0.1:2379', 'localhost:2380'],
    nats: ['[::1]:4222'],
  });
});

test('placement needs no NATS, everybody else does', () => {
  const env = { LAMBENT_ETCD: '127.0.0.1:2379' };
  assert.deepEqual(networkOf('placement', readSettings(env)).nats, []);
  assert.throws(() => networkOf('events', readSettings(env)), /LAMBENT_NATS is not valid/);
});

test('nothing is said in the open between machines, unless it is insisted on', () => {
  const far = {
    LAMBENT_ETCD: '127.0.0.1:2379,10.0.0.1:2379',
    LAMBENT_NATS: 'nats.example:4222',
    LAMBENT_LISTEN: '10.0.0.2:7000',
    LAMBENT_ADVERTISE: 'worker-1.example:7000',
  };
  for (const [name, value] of Object.entries(far)) {
    assert.equal(refused({ [name]: value }), name);
    assert.equal(refused({ [name]: value, LAMBENT_INSECURE_LISTEN: 'true' }), 'nothing');
    assert.equal(refused({ [name]: value, LAMBENT_TLS: '/etc/lambent/tls' }), 'nothing');
  }
});

test('who listens everywhere has to say where others reach it', () => {
  const env = { LAMBENT_LISTEN: '0.0.0.0:7000', LAMBENT_TLS: '/etc/lambent/tls' };
  assert.equal(refused(env), 'LAMBENT_ADVERTISE');
  assert.equal(refused({ ...env, LAMBENT_ADVERTISE: 'worker-1.example:0' }), 'nothing');
  assert.equal(networkOf('events', readSettings({ ...NEAR, ...env })).etcd.length, 2);
});

test('an IPv6 address keeps its brackets', () => {
  assert.deepEqual(hostAndPortOf('[::1]:80'), { host: '[::1]', port: 80 });
});
