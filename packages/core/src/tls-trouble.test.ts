import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tlsTrouble } from './tls-trouble.ts';

test('what Node.js says of a certificate is told as what it means, and anything else as it is', () => {
  assert.match(tlsTrouble('certificate has expired'), /shows has expired$/);
  assert.match(
    tlsTrouble('unable to verify the first certificate; if the root CA is installed locally, try running'),
    /did not sign the certificate that it shows$/,
  );
  assert.equal(tlsTrouble('connect ECONNREFUSED'), 'connect ECONNREFUSED');
});
