/** The least that a runtime on the HTTP Runtime API does: asks, and answers with the event. */
import { Agent, request } from 'node:http';

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

for (;;) {
  const next = await call('GET', 'next');
  await call('POST', `${next.headers['lambda-runtime-aws-request-id']}/response`, next.body);
}

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, method, agent, path: `/2018-06-01/runtime/invocation/${path}` },
      response => {
        const chunks = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
