import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DEPLOY } from './compose-file.ts';

/** Units, what is dropped into others' units, and the files of variables that they name. */
export const SYSTEMD = path.join(DEPLOY, 'systemd');

/** The settings of a unit by name: every line that gives one, in order. */
export type UnitFile = ReadonlyMap<string, readonly string[]>;

export async function readUnit(name: string): Promise<UnitFile> {
  const unit = new Map<string, string[]>();
  for (const [setting, value] of await assignmentsIn(name)) {
    const values = unit.get(setting) ?? [];
    unit.set(setting, [...values, value]);
  }
  return unit;
}

/** A file of variables, as `EnvironmentFile=` reads it. */
export async function readVariables(name: string): Promise<Record<string, string>> {
  return Object.fromEntries(await assignmentsIn(name));
}

async function assignmentsIn(name: string): Promise<[name: string, value: string][]> {
  const text = await readFile(path.join(SYSTEMD, name), 'utf8');
  return text
    .split('\n')
    .filter(line => /^\w+=/.test(line))
    .map(line => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), line.slice(equals + 1)];
    });
}
