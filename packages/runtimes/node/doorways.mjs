import { createServer } from 'node:net';

/**
 * Listens inside the sandbox at every place that `LAMBENT_DOORWAYS` names (`runtime-api:9001,aws-endpoint:9000`),
 * hands the listening sockets to the worker over the child channel, and closes that channel. What Lambent alone
 * put into the environment is gone when this resolves: no code of the function has run yet.
 */
export async function handOverDoorways() {
  const doorways = process.env.LAMBENT_DOORWAYS ?? '';
  for (const name of Object.keys(process.env)) if (name.startsWith('LAMBENT_')) delete process.env[name];
  delete process.env.NODE_CHANNEL_FD;
  if (!process.channel) return;
  for (const doorway of doorways.split(',').filter(Boolean)) {
    const [name, port] = doorway.split(':');
    await handOver(name, Number(port));
  }
  process.disconnect();
}

async function handOver(name, port) {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  await new Promise((resolve, reject) => {
    process.send(name, server, error => (error ? reject(error) : resolve()));
  });
  server.close();
}
