/**
 * Takes every step, one after the other, whatever becomes of those before it: what is left to clean up must not hide
 * behind what cannot be. Gives what the steps told; throws their failures together.
 */
export async function takeEveryStep(steps: readonly (() => Promise<readonly string[]>)[]): Promise<string[]> {
  const told: string[] = [];
  const failures: Error[] = [];
  for (const step of steps) {
    try {
      told.push(...(await step()));
    } catch (error) {
      failures.push(error as Error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
  return told;
}
