import { breachesByLine, type Rule } from './rule.ts';

/** Folders of one machine: another clone has none of them. Assembled, so that this file does not break its own rule. */
const PATHS = ['work', 'root', 'home', 'Users'].map(folder => `/${folder}/[a-z]`).join('|');
const MACHINE_PATH = new RegExp(`(?<![\\w.~*{}$-])(${PATHS})`);
/** Where package clients fetch from is the business of whoever runs them. */
const HOSTS = [
  'registry.npmjs',
  'proxy.golang',
  'index.crates',
  'static.crates',
  'files.pythonhosted',
  'deb.debian',
];
const REGISTRY_HOST = new RegExp(`(${HOSTS.map(host => host.replace('.', '\\.')).join('|')})\\.`);
const NAMES_THEM = 'test/tidy/machine-names.ts';

export const machineNames: Rule = files =>
  files
    .filter(file => file.path !== NAMES_THEM && !file.path.endsWith('.test.ts'))
    .flatMap(file => [
      ...breachesByLine(file, MACHINE_PATH, found => `${found}… is a path of one machine`),
      ...breachesByLine(file, REGISTRY_HOST, found => `${found}… names a registry's host`),
    ]);
