import path from 'node:path';
import { TEST_TOOLS } from '@lambent/testing';
import { makeOnce } from './made-once.ts';

const GO = 'test/fixtures/go-bootstrap';
const RUST = 'test/fixtures/rust-bootstrap';

/** Custom runtimes of the conformance tests, made with AWS's official Go and Rust clients. */
export async function buildBootstraps(): Promise<void> {
  await makeOnce({
    name: 'go-bootstrap',
    sources: [GO],
    commands: [
      {
        command: ['go', 'build', '-trimpath', '-ldflags=-s -w', '-o', TEST_TOOLS.goBootstrap, '.'],
        cwd: path.join(TEST_TOOLS.repository, GO),
        env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false' },
      },
    ],
  });
  await makeOnce({
    name: 'rust-bootstrap',
    sources: [RUST],
    commands: [
      {
        command: ['cargo', 'build', '--quiet', '--release', '--locked'],
        cwd: path.join(TEST_TOOLS.repository, RUST),
        env: { CARGO_TARGET_DIR: path.join(TEST_TOOLS.cache, 'bootstraps/rust') },
      },
    ],
  });
}
