/** Of the page: follows the reader's preference for light or dark. The colours are told apart by the colour-blind. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #fff; --text: #1a1a19; --quiet: #5f5e5a; --rule: #e3e2dd; --bad: #b3261e;
  --c0: #2a78d6; --c1: #c4620a; --c2: #1b8a5a; --c3: #a03a9c; --c4: #7a6a00; --c5: #c22f4e; --c6: #0e8090; --c7: #6a5acd }
@media (prefers-color-scheme: dark) {
  :root { --ground: #1a1a19; --text: #f0efec; --quiet: #a5a49e; --rule: #3a3a37; --bad: #ff8a80;
    --c0: #6aa9f4; --c1: #f0a050; --c2: #58c792; --c3: #d98ad6; --c4: #cbbd4a; --c5: #f4839a; --c6: #5cc4d2; --c7: #a99bf5 }
}
body { margin: 2rem auto; max-width: 68rem; padding: 0 1rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif }
h1 { margin-bottom: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
.quiet { color: var(--quiet) }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .85rem; white-space: nowrap }
th, td { padding: .25rem .5rem; text-align: left; border-bottom: 1px solid var(--rule) }
th { color: var(--quiet); font-weight: 500 }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums }
tr.broken td { color: var(--bad); font-weight: 600 }
figure { margin: 2rem 0 } figcaption { font-weight: 600 }
svg { width: 100%; height: auto }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .3rem 0; padding: 0; font-size: .85rem }
.key { width: 20px; height: 8px; margin-right: .4rem }
.grid { stroke: var(--rule) }
.tick, .label { fill: var(--quiet); font-size: 12px }
.line { fill: none; stroke: var(--c); stroke-width: 1.8 } circle.line { fill: var(--c) }
.dashed { stroke-dasharray: 4 3; stroke-opacity: .75 }
.range { stroke: var(--c); stroke-width: 4; stroke-linecap: round; opacity: .5 } .dot { fill: var(--c) }
.limit { stroke: var(--text); stroke-width: 2 }
.c0 { --c: var(--c0) } .c1 { --c: var(--c1) } .c2 { --c: var(--c2) } .c3 { --c: var(--c3) }
.c4 { --c: var(--c4) } .c5 { --c: var(--c5) } .c6 { --c: var(--c6) } .c7 { --c: var(--c7) }
`;
