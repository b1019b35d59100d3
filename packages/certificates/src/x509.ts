/** What makes certificates, loaded only by those who do: members only read theirs, and start a tenth of a second sooner. */
export async function loadX509(): Promise<typeof import('@peculiar/x509')> {
  // The library's own parts find each other by it.
  await import('reflect-metadata');
  return await import('@peculiar/x509');
}
