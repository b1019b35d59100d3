export { ClusterProcess, type ClusterProcessOptions, startCluster } from './cluster-process.ts';
export { type ClusterRecord, type PartRecord, readClusterRecord } from './cluster-record.ts';
export { type BlobsUnderTest, blobsContract } from './contracts/blobs-contract.ts';
export { type BusUnderTest, busContract } from './contracts/bus-contract.ts';
export { type FunctionLogsUnderTest, functionLogsContract } from './contracts/function-logs-contract.ts';
export { type LinkPair, linkContract } from './contracts/link-contract.ts';
export { type RegistryUnderTest, registryContract } from './contracts/registry-contract.ts';
export { Footprint } from './footprint.ts';
export { type ForgedEntry, forgeZip } from './forged-zip.ts';
export {
  type LambentCommand,
  LambentProcess,
  type ProcessExit,
  type StartOptions,
  startLambent,
} from './lambent-process.ts';
export { type ProxyMode, TcpProxy } from './tcp-proxy.ts';
export { type TestCertificate, TestCertificates } from './test-certificates.ts';
export {
  startTestEtcd,
  startTestEtcdCluster,
  startTestNats,
  startTestNatsCluster,
  TestEngine,
  type TestEngineOptions,
} from './test-engine.ts';
export { type SignatureClaims, TestSigner } from './test-signer.ts';
export { TEST_TOOLS } from './test-tools.ts';
export { waitFor } from './wait-for.ts';
export { type Files, zipOf } from './zip-of.ts';
