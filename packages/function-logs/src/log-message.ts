/** CloudWatch's own bound on one event, in characters here. */
const LENGTH_MAX = 256 * 1024;

/** What is kept of one printed message: without its final line end, and bounded. */
export function logMessage(printed: string): string {
  const whole = printed.endsWith('\n') ? printed.slice(0, -1) : printed;
  return whole.length > LENGTH_MAX ? whole.slice(0, LENGTH_MAX) : whole;
}
