/** Classes of the diagram; colours come from the custom properties of the page, or from `standaloneColours`. */
export const diagramStyle = `
.bd{display:block;font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}
.bd text{fill:var(--ink)}
.bd .bd-lane-title{font-size:12px;font-weight:650;fill:var(--soft)}
.bd-band{fill:none}.bd-band.bd-odd{fill:var(--sunk)}
.bd-rule{stroke:var(--line);fill:none}
.bd-box>rect{fill:var(--card);stroke:var(--strong);stroke-width:1.2}
.bd-unknown>rect{stroke-dasharray:5 4;fill:none}
.bd-edge-device>rect,.bd-host>rect{stroke:var(--ink)}
.bd-did>rect{stroke:var(--critical);fill:var(--critical-tint);stroke-width:1.6}.bd-could>rect{stroke:var(--high);fill:var(--high-tint);stroke-width:1.6}
.bd .bd-state{font-size:11px;font-weight:650}.bd-did .bd-state{fill:var(--critical)}.bd-could .bd-state{fill:var(--high)}
.bd-icon{fill:none;stroke:var(--soft);stroke-width:1.3;stroke-linecap:round;stroke-linejoin:round}
.bd .bd-kind{font-size:10.5px;fill:var(--soft)}
.bd .bd-name{font-size:14px;font-weight:650}
.bd .bd-detail{font-size:11px;fill:var(--soft)}
.bd .bd-title{font-size:12px}
.bd .bd-time{font-size:10.5px;fill:var(--soft)}
.bd .bd-number{font-size:11px;font-weight:700;text-anchor:middle;fill:var(--on-accent)}
.bd-pill{fill:var(--accent);stroke:var(--accent);stroke-width:1.4}
.bd-how-inferred .bd-pill{fill:var(--card);stroke-dasharray:3 2.5}
.bd .bd-how-inferred .bd-number{fill:var(--accent)}
.bd-row{fill:transparent;stroke:none}
.bd-way{fill:none;stroke:var(--accent);stroke-width:1.8}
.bd-how-inferred .bd-way{stroke-dasharray:6 4}
.bd-reach{fill:none;stroke:transparent;stroke-width:10;pointer-events:stroke}
.bd-head{fill:var(--accent);stroke:none}
.bd-dashed{fill:none;stroke:var(--strong);stroke-width:1.6;stroke-dasharray:5 4}
.bd-break{fill:none;stroke:var(--high);stroke-width:2;stroke-linecap:round}
.bd a{cursor:pointer;text-decoration:none}
.bd a:hover .bd-row,.bd a:focus .bd-row{fill:var(--sunk)}
.bd a:hover .bd-way,.bd a:focus .bd-way{stroke-width:3.2}
.bd a:focus{outline:none}
.bd a:focus-visible .bd-row{stroke:var(--accent);stroke-width:2.5}
`

const light =
  '--card:#fff;--sunk:#eef1f3;--ink:#16202a;--soft:#4b5864;--line:#d5dbe1;--strong:#8a97a3;--accent:#0b5681;--on-accent:#fff;--critical:#98103c;--high:#a8430a;--critical-tint:#fbe9ee;--high-tint:#fdeee3'
const dark =
  '--card:#171f27;--sunk:#111920;--ink:#e7ecf1;--soft:#a9b6c2;--line:#2c3844;--strong:#6d7d8c;--accent:#79c0ea;--on-accent:#0b141b;--critical:#ff93ad;--high:#ffae78;--critical-tint:#3a1722;--high-tint:#38210f'

/** For a picture that stands alone: the same colours, and a background of its own. */
export const standaloneStyle = `.bd{${light};background:#f6f7f8}@media(prefers-color-scheme:dark){.bd{${dark};background:#0f151b}}${diagramStyle}`
