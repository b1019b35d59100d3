import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import type { TlsFiles } from './tls-files.ts';

/** An engine that is well answers on loopback at once; one that does not is asked anew. */
const ANSWER_TIMEOUT_MS = 2_000;

/** Whether `url` answers 200. Not answering at all is no, too. */
export async function isHealthy(url: string, tls?: TlsFiles): Promise<boolean> {
  const credentials = tls && {
    ca: await readFile(tls.ca),
    cert: await readFile(tls.cert),
    key: await readFile(tls.key),
  };
  return new Promise(resolve => {
    // Without an agent nothing is kept open that would outlive the question.
    const options = { timeout: ANSWER_TIMEOUT_MS, agent: false, ...credentials };
    const request = (url.startsWith('https:') ? https : http).get(url, options, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
    request.once('close', () => resolve(false));
  });
}
