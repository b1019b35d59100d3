import { CurrentMaterial } from '@lambent/certificates';
import type { Clock, TlsMaterial } from '@lambent/core';
import type { AdminListener, Logger, Telemetry } from '@lambent/daemon';

/** What a member shows and trusts, kept current; undefined where it goes without. */
export async function openCertificates(
  stack: AsyncDisposableStack,
  directory: string | undefined,
  options: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly telemetry: Telemetry;
    readonly admin: AdminListener;
  },
): Promise<TlsMaterial | undefined> {
  if (directory === undefined) return undefined;
  const material = stack.use(await CurrentMaterial.open({ directory, ...options }));
  options.telemetry.gauge(
    'lambent_certificate_expires_seconds',
    "How long this member's certificate is still good for; negative once it has expired.",
    () => material.standing.expiresInMs / 1_000,
  );
  options.admin.leansOn('certificate', () => {
    const { state, notAfterMs } = material.standing;
    return state === 'valid' ? undefined : `${state}, its end is ${new Date(notAfterMs).toISOString()}`;
  });
  return material;
}
