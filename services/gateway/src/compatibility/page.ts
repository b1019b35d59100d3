import type { ConfigField } from '@lambent/daemon';
import type { Statement } from './statements.ts';

/** What docs/compatibility.md says that the code knows: everything between `BEGIN` and `END`. */
export const BEGIN = '<!-- From here on written by `npm run compatibility`. -->';
export const END = '<!-- Up to here. -->';

export interface Compatibility {
  /** All that the API has. */
  readonly operations: readonly string[];
  /** Those that are there. */
  readonly implemented: ReadonlySet<string>;
  readonly statements: Readonly<Record<string, Statement | undefined>>;
  readonly limits: readonly ConfigField<unknown>[];
}

/** The page with its tables as they are to be. */
export function withTables(page: string, compatibility: Compatibility): string {
  const [before = '', rest = ''] = page.split(`${BEGIN}\n`);
  const [, after = ''] = rest.split(`${END}\n`);
  return [before, BEGIN, '\n', tables(compatibility), END, '\n', after].join('');
}

/** The README with how many operations there are. */
export function withCount(
  readme: string,
  { operations, implemented }: Pick<Compatibility, 'operations' | 'implemented'>,
): string {
  const sentence = `Of the ${operations.length} operations of Lambda's API ${implemented.size} are here`;
  return readme.replace(/Of the \d+ operations of Lambda's API \d+ are here/, sentence);
}

function tables({ operations, implemented, statements, limits }: Compatibility): string {
  const sorted = operations.toSorted();
  const members = sorted
    .filter(name => implemented.has(name))
    .flatMap(name => memberRows(name, statements[name]));
  return [
    `## Operations: ${implemented.size} of ${operations.length}`,
    table(
      ['operation', 'here', 'what is missing'],
      sorted.map(name => operationRow(name, implemented.has(name), statements[name])),
    ),
    '## Members that are refused or have no effect',
    table(['operation', 'member', 'here', 'why'], members),
    "## AWS's limits, and the settings that raise them",
    table(
      ['setting', 'by default', 'what it bounds'],
      limits.map(({ variable, default: value, about }) => [`\`${variable}\``, String(value), about]),
    ),
  ]
    .map(part => `${part}\n`)
    .join('\n');
}

function operationRow(name: string, isThere: boolean, statement: Statement = {}): string[] {
  if (!isThere) return [name, 'absent', '501 `NotImplementedException`'];
  const { refused = {}, noEffect = {}, different } = statement;
  const missing = [
    ...(different === undefined ? [] : [different]),
    ...listed('refused', Object.keys(refused)),
    ...listed('without effect', Object.keys(noEffect)),
  ];
  return [name, missing.length === 0 ? 'full' : 'partial', missing.join('; ')];
}

function listed(what: string, members: readonly string[]): string[] {
  return members.length === 0 ? [] : [`${what}: ${members.join(', ')}`];
}

function memberRows(name: string, { refused = {}, noEffect = {} }: Statement = {}): string[][] {
  return [
    ...Object.entries(refused).map(([member, why]) => [name, member, 'refused', why]),
    ...Object.entries(noEffect).map(([member, why]) => [name, member, 'no effect', why]),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}
