export { type LinkPair, linkContract } from './contracts/link-contract.ts';
export { Footprint } from './footprint.ts';
export { LambentProcess, type ProcessExit, type StartOptions, startLambent } from './lambent-process.ts';
export { type RawEntry, rawZip } from './raw-zip.ts';
export { TEST_TOOLS } from './test-tools.ts';
export { waitFor } from './wait-for.ts';
export { type Files, zipOf } from './zip-of.ts';
