import type { Clock } from '@lambent/core';
import { AdminListener, type Telemetry } from '@lambent/daemon';
import type { Role } from '@lambent/membership';
import { fromListenError } from '../listen-failure.ts';
import type { Settings } from '../settings.ts';

/** Where a member says how it is: from the beginning, also while it waits for the servers of its cluster. */
export async function openAdmin(
  role: Role,
  settings: Settings,
  options: { readonly telemetry: Telemetry; readonly clock: Clock },
): Promise<AdminListener> {
  const { insecureListen } = settings.gateway;
  const own = role === 'gateway' ? settings.gateway : settings[`${role}Admin`];
  try {
    return await AdminListener.open({ ...options, insecureListen, host: own.adminHost, port: own.adminPort });
  } catch (error) {
    throw fromListenError(error, { host: own.adminHost, adminPort: own.adminPort });
  }
}
