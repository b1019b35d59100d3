import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { HOST_ENVIRONMENT } from './host-command.ts';

/** Host path of a program, where it is installed. */
export function findProgram(name: string): string | undefined {
  return HOST_ENVIRONMENT.PATH.split(':')
    .map(directory => path.join(directory, name))
    .find(isExecutable);
}

/** The command that installs a package here; Debian's where no package manager is known. */
export function installCommand(packageName: string): string {
  const manager = Object.entries(INSTALL).find(([name]) => findProgram(name) !== undefined);
  return `${manager?.[1] ?? INSTALL['apt-get']} ${packageName}`;
}

const INSTALL = {
  'apt-get': 'apt-get install',
  dnf: 'dnf install',
  apk: 'apk add',
  pacman: 'pacman -S',
  zypper: 'zypper install',
} as const;

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
