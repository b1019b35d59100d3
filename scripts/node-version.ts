/**
 * The Node.js that everything here is written for. `npm run` finds it in node_modules/.bin; whoever starts a script
 * by hand may have another one.
 */
const OLDEST = { major: 24, minor: 12 };

export function assertNodeVersion(version = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor)) return;
  throw new Error(
    `Node.js ${OLDEST.major}.${OLDEST.minor} or newer is needed and this is ${version}. ` +
      'Run "npm ci" once; then "npm run check" and "npm test" use the right one by themselves.',
  );
}
