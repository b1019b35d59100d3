/** Everything a function has printed so far, oldest first, as the admin port gives it. */
export async function readFunctionLog(
  lambent: { readonly adminUrl: string },
  functionName: string,
): Promise<string[]> {
  const response = await fetch(new URL(`/logs?function=${functionName}`, lambent.adminUrl));
  const text = await response.text();
  // Nothing yet.
  if (response.status === 404) return [];
  if (!response.ok) throw new Error(`/logs answered ${response.status}: ${text}`);
  const lines = text.split('\n').filter(line => line !== '');
  return lines.map(line => (JSON.parse(line) as { message: string }).message);
}
