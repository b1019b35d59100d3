/**
 * Where a sandbox has no mounts of its own, inside paths become host paths: in the command, and in values of the
 * environment, lists like PATH among them. A path counts where it stands at the beginning or after something that
 * cannot be part of a longer one, and ends or goes on below.
 */
export function toHostPaths(text: string, mounts: Readonly<Record<string, string>>): string {
  const inside = Object.keys(mounts).sort((a, b) => b.length - a.length);
  if (inside.length === 0) return text;
  const pattern = new RegExp(`(?<![\\w/.-])(?:${inside.map(RegExp.escape).join('|')})(?![\\w.-])`, 'g');
  return text.replace(pattern, found => mounts[found] ?? found);
}
