import { showRatio } from '../report/ratio.ts';
import { type Figures, type Finding, type Goal, isMet, type Table } from './figure.ts';

const NAME_WIDTH = 38;
const COLUMN_WIDTH = 12;
const ABOUT_WIDTH = 66;

/** A figure as the terminal shows it: what was measured, then what is judged, goals beside results. */
export function printed({ tables, findings, notes = [] }: Figures): string {
  const blocks = [...tables.map(printedTable), findings.map(printedFinding).join('\n'), notes.join('\n')];
  return blocks.filter(block => block !== '').join('\n\n');
}

function printedTable({ title, columns, rows }: Table): string {
  const head = title.padEnd(NAME_WIDTH) + columns.map(column => column.padStart(COLUMN_WIDTH)).join('');
  const lines = rows.map(
    ([name, ...values]) =>
      `  ${name}`.padEnd(NAME_WIDTH) + values.map(value => shown(value).padStart(COLUMN_WIDTH)).join(''),
  );
  return [head, ...lines].join('\n');
}

function printedFinding({ about, ratio, goal }: Finding): string {
  const judged = goal && ratio ? (isMet(goal, ratio) ? '  met' : '  missed') : '';
  return `  ${about.padEnd(ABOUT_WIDTH)} ${(goal ? shownGoal(goal) : '').padEnd(8)} ${showRatio(ratio)}${judged}`;
}

function shownGoal(goal: Goal): string {
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
}

/** Three digits are more than a shared machine gives. */
function shown(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
