import { certificateStanding, readMaterial } from '@lambent/certificates';
import type { Clock, TlsMaterial } from '@lambent/core';
import type { Logger } from '@lambent/daemon';

/** What a member shows and trusts; undefined where it goes without. Read once: a renewed one takes a restart. */
export async function readCertificates(
  directory: string | undefined,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<TlsMaterial | undefined> {
  if (directory === undefined) return undefined;
  const material = await readMaterial(directory, { clock });
  const { state, expiresInMs } = certificateStanding(material, clock);
  if (state === 'expiring') logger.warn({ directory, expiresInMs }, 'certificate expires soon');
  return material;
}
