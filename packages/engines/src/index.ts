export type { EngineProcess, ProcessEnd } from './engine-process.ts';
export { type EtcdOptions, type EtcdPeer, type EtcdServer, startEtcd } from './etcd-server.ts';
export { freePort } from './free-port.ts';
export { type NatsCluster, type NatsOptions, type NatsServer, startNats } from './nats-server.ts';
export { type EnginePrograms, findEngines, provideEngines } from './provide-engines.ts';
export { tiedToThisProcess } from './tied-to-this-process.ts';
export type { TlsFiles } from './tls-files.ts';
