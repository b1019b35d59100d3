import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../../..');
/** Made by `npm test`, kept between runs, never committed. */
const cache = path.join(repository, '.cache');

/** Where `npm test` has put what the tests of the whole need besides Node.js. */
export const TEST_TOOLS = {
  repository,
  cache,
  /** A Python with boto3. */
  python: path.join(cache, 'python/bin/python'),
  /** The AWS CLI as PyPI has it. */
  awsCli: path.join(cache, 'python/bin/aws'),
  /** The AWS CLI as Debian packages it, which is older and knows no AWS_ENDPOINT_URL. */
  debianAwsCli: '/usr/bin/aws',
  goBootstrap: path.join(cache, 'bootstraps/go/bootstrap'),
  rustBootstrap: path.join(cache, 'bootstraps/rust/release/bootstrap'),
} as const;
