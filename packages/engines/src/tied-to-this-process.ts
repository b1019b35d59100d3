/**
 * What to put before a command so that its process dies with this one, however that ends. On Linux the kernel itself
 * sees to it; elsewhere there is nothing of the kind, and who starts processes ends them when it exits.
 */
export function tiedToThisProcess(): readonly string[] {
  return process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--'] : [];
}
