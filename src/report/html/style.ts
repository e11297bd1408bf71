/** Colours: severities differ in lightness and hue (told apart in the common kinds of colour blindness) and are always named in words too. */
const light = `
--paper:#f6f7f8;--card:#fff;--sunk:#eef1f3;--ink:#16202a;--soft:#4b5864;--line:#d5dbe1;--strong:#8a97a3;--accent:#0b5681;--on-accent:#fff;
--critical:#98103c;--high:#a8430a;--medium:#735900;--low:#17648a;--informational:#55616c;
--critical-tint:#fbe9ee;--high-tint:#fdeee3;--medium-tint:#f9f2d8;--low-tint:#e3f1f8;--informational-tint:#eceff2;--good:#1d6b43;--good-tint:#e3f3ea;--shadow:0 1px 2px rgb(20 30 40/.07),0 4px 16px rgb(20 30 40/.05);`
const dark = `
--paper:#0f151b;--card:#171f27;--sunk:#111920;--ink:#e7ecf1;--soft:#a9b6c2;--line:#2c3844;--strong:#6d7d8c;--accent:#79c0ea;--on-accent:#0b141b;
--critical:#ff93ad;--high:#ffae78;--medium:#e8c95c;--low:#7fc8ec;--informational:#b0bbc6;
--critical-tint:#3a1722;--high-tint:#38210f;--medium-tint:#302907;--low-tint:#10293a;--informational-tint:#222c35;--good:#7fd3a4;--good-tint:#122e20;--shadow:0 1px 2px rgb(0 0 0/.4);`

const base = `
*{box-sizing:border-box}
html{scroll-padding-top:4.2rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
h1,h2,h3,h4,p,ul,ol,dl,dd,table,figure{margin:0;padding:0}
ul,ol{list-style:none}
h1,h2,.lead{font-family:Charter,"Bitstream Charter","Iowan Old Style","Sitka Text",Cambria,Georgia,"Liberation Serif",serif;font-weight:600;letter-spacing:-.01em;text-wrap:balance}
h2{font-size:1.6rem;line-height:1.2}
h3{font-size:1rem;line-height:1.35}
h4,.eyebrow{font-size:.75rem;line-height:1.3;font-weight:650;letter-spacing:.06em;text-transform:uppercase;color:var(--soft)}
a{color:var(--accent);text-underline-offset:.15em}
code,.mono{font:.86em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;unicode-bidi:isolate}
bdi{unicode-bidi:isolate}
.soft{color:var(--soft)}
.small{font-size:.87rem}
.page{max-width:1264px;margin:0 auto;padding:0 24px}
.skip{position:absolute;left:-999rem;top:0;background:var(--accent);color:var(--on-accent);padding:.5rem 1rem;z-index:9}
.skip:focus{left:0}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
[hidden]{display:none!important}
.bar{position:sticky;top:0;z-index:5;background:var(--card);border-bottom:1px solid var(--line)}
.bar .page{display:flex;align-items:center;gap:1.25rem;min-height:3.1rem}
.mark{display:flex;align-items:center;gap:.55rem;font-weight:650;letter-spacing:.01em;white-space:nowrap}
.mark svg{width:34px;height:20px;stroke:var(--accent);fill:none;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.bar nav{flex:1;min-width:0}
.bar nav ul{display:flex;gap:.1rem;justify-content:flex-end}
.bar nav a{display:block;padding:.45rem .6rem;color:var(--soft);text-decoration:none;font-size:.87rem;white-space:nowrap;border-radius:4px}
.bar nav a:hover{color:var(--ink);background:var(--sunk)}
button,select,input{font:inherit;color:inherit}
.button{border:1px solid var(--line);background:var(--card);border-radius:5px;padding:.3rem .7rem;cursor:pointer;font-size:.87rem;white-space:nowrap}
.button:hover{border-color:var(--strong)}
section{padding:2.4rem 0 .4rem}
section>header{margin-bottom:1.1rem}
section>header p{color:var(--soft);max-width:96ch;margin-top:.3rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1.05rem 1.2rem;box-shadow:var(--shadow)}
.grid{display:grid;gap:1rem}
.three{grid-template-columns:repeat(3,minmax(0,1fr))}
.four{grid-template-columns:repeat(4,minmax(0,1fr))}
.two{grid-template-columns:repeat(2,minmax(0,1fr))}
`

const summary = `
#summary{padding-top:.6rem}
#summary>.grid+.grid{margin-top:1rem}
.verdict{padding:1.1rem 0 1.2rem}
.level{display:inline-flex;align-items:center;gap:.55rem;font-weight:650;font-size:.87rem;letter-spacing:.04em;text-transform:uppercase}
.level span:first-child{padding:.14rem .6rem;border-radius:4px;background:var(--tone);color:var(--card)}
.level .soft{text-transform:none;letter-spacing:0;font-weight:400}
.tone-intrusion{--tone:var(--critical)}.tone-suspicious{--tone:var(--medium)}.tone-nothing-found{--tone:var(--good)}.tone-insufficient-evidence{--tone:var(--informational)}
h1{font-size:1.9rem;line-height:1.2;margin-top:.6rem;max-width:76ch}
.story{font-size:1rem;line-height:1.5;color:var(--soft);margin-top:.5rem;max-width:112ch}
.answer{font-family:Charter,"Bitstream Charter","Iowan Old Style","Sitka Text",Cambria,Georgia,"Liberation Serif",serif;font-size:1.28rem;line-height:1.25;font-weight:600;margin:.25rem 0 .35rem}
.answer.bad{color:var(--critical)}.answer.warn{color:var(--high)}.answer.fine{color:var(--good)}
.stack>*+*{margin-top:.95rem}
.services{margin-top:.7rem}
.services li{padding:.42rem 0;border-top:1px solid var(--line)}
.services li:first-child{border-top:0;padding-top:0}
.services .line{display:flex;gap:.6rem;justify-content:space-between;align-items:baseline}
.tag{display:inline-block;font-size:.75rem;font-weight:600;line-height:1.35;padding:.08rem .45rem;border-radius:4px;background:var(--informational-tint);color:var(--informational);white-space:nowrap}
.tag.did,.tag.critical{background:var(--critical-tint);color:var(--critical)}.tag.could,.tag.high{background:var(--high-tint);color:var(--high)}.tag.medium{background:var(--medium-tint);color:var(--medium)}.tag.low{background:var(--low-tint);color:var(--low)}.tag.good{background:var(--good-tint);color:var(--good)}
.plain-list li{position:relative;padding-left:1rem;margin-top:.35rem}
.plain-list li::before{content:"";position:absolute;left:0;top:.62em;width:.45rem;border-top:2px solid var(--strong)}
.todo{counter-reset:todo}
.todo li{position:relative;padding-left:1.7rem;margin-top:.45rem}
.todo .n{position:absolute;left:0;top:.12em;font-size:.75rem;font-weight:650;width:1.25rem;height:1.25rem;line-height:1.25rem;text-align:center;border-radius:50%;background:var(--sunk);border:1px solid var(--line)}
.words{margin-top:1rem}
.words summary{display:inline-block;color:var(--accent);text-decoration:underline;text-underline-offset:.15em;font-size:.87rem;border-radius:3px}
.words dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(270px,1fr));gap:.7rem 1.6rem;margin-top:.6rem}
.words dt{font-weight:650}
.claims h4{display:flex;gap:.45rem;align-items:center}
.claims h4 svg{width:22px;height:8px;flex:none;stroke:var(--ink);stroke-width:2.4;fill:none}
`

const parts = `
.scroll{overflow-x:auto;max-width:100%}
.steps>li{border-top:1px solid var(--line)}
.steps>li:first-child{border-top:0}
details>summary{cursor:pointer;list-style:none}
details>summary::-webkit-details-marker{display:none}
details>summary:hover{background:var(--sunk)}
.row{display:grid;gap:.1rem .9rem;align-items:baseline;padding:.45rem .6rem;border-radius:5px}
.step-row{grid-template-columns:2rem 10.2rem minmax(0,1fr) auto}
.disc{display:inline-block;min-width:1.5rem;height:1.5rem;line-height:1.4rem;padding:0 .25rem;text-align:center;border-radius:.75rem;font-size:.8rem;font-weight:650;background:var(--accent);color:var(--on-accent);border:1.5px solid var(--accent)}
.disc.inferred{background:var(--card);color:var(--accent);border-style:dashed}
.body{padding:.2rem .6rem 1rem 3.5rem}
.body>*+*{margin-top:.7rem}
.body>p.small+p.small{margin-top:.15rem}
.finding>.row{grid-template-columns:6.6rem minmax(0,1fr) auto}
.finding{border-top:1px solid var(--line)}
.finding .body{padding-left:.6rem}
.meter{display:inline-flex;gap:2px;align-items:flex-end;height:.8rem;margin-right:.4rem;vertical-align:-1px}
.meter i{width:3px;background:var(--line);height:4px}
.meter i:nth-child(2){height:6px}.meter i:nth-child(3){height:8px}.meter i:nth-child(4){height:10px}.meter i:nth-child(5){height:12px}
.sev{font-weight:650;font-size:.87rem;white-space:nowrap;color:var(--tone)}
.sev .on{background:var(--tone)}
.s-critical{--tone:var(--critical)}.s-high{--tone:var(--high)}.s-medium{--tone:var(--medium)}.s-low{--tone:var(--low)}.s-informational{--tone:var(--informational)}
.two-notes{display:grid;grid-template-columns:1fr 1fr;gap:.8rem 1.6rem}
table{border-collapse:collapse;width:100%;font-size:.87rem}
th{white-space:nowrap;text-align:left;font-weight:600;color:var(--soft);border-bottom:1px solid var(--line);padding:.35rem .7rem .35rem 0;vertical-align:bottom}
td{padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
td{min-width:7.2rem}
td.num,th.num{text-align:right;white-space:nowrap;min-width:0}
td:first-child{min-width:12.4rem}
td.tight,td.tight:first-child,.records td:first-child{min-width:0}
.t{white-space:nowrap}
.hash{font-size:.78em}
.records td:nth-child(1){white-space:nowrap}
.records td:nth-child(2){width:26%}
.records .excerpt{display:block;white-space:pre-wrap;max-height:9.5em;overflow-y:auto}
.filters{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin-bottom:.7rem}
.filters label{display:block;font-size:.8rem;color:var(--soft)}
.filters input,.filters select{display:block;margin-top:.15rem;border:1px solid var(--strong);border-radius:5px;background:var(--card);padding:.38rem .55rem;min-width:9rem;max-width:16rem}
.filters input{min-width:15rem}
.count{margin-left:auto;color:var(--soft);font-size:.87rem;padding-bottom:.4rem}
.hypothesis{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr) minmax(0,7fr);gap:.6rem 1.6rem;padding:.9rem 0;border-top:1px solid var(--line)}
.hypothesis:first-child{border-top:0;padding-top:.2rem}
.matrix{columns:5 200px;column-gap:1rem}
.matrix>div{break-inside:avoid;padding-bottom:1.1rem}
.matrix li{margin-top:.4rem}
.cell{display:block;border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:4px;padding:.35rem .55rem;background:var(--card);font-size:.87rem;text-decoration:none;color:var(--ink)}
a.cell:hover{border-color:var(--tone)}
.kinds h4{margin-bottom:.2rem}
.warn-line{color:var(--high)}
figure.diagram{padding:.6rem .4rem}
.wide svg,.thin svg{max-width:100%;height:auto}
.wide svg{margin:0 auto}
.thin{display:none}
.todo .action{padding:.55rem 0 .1rem 1.7rem}
.todo .action .n{top:.7em}
.action p+p{margin-top:.15rem}
.areas{display:flex;flex-wrap:wrap;gap:.5rem 1.6rem}
.notice{margin-top:1rem}
h3+table,h3+.small{margin-top:.4rem}
footer{border-top:1px solid var(--line);margin-top:3rem;padding:1.2rem 0 2.5rem;color:var(--soft);font-size:.87rem}
`

const narrow = `
@media screen and (max-width:1180px){
.bar{position:static}
.bar .page{flex-wrap:wrap;gap:.2rem .8rem;padding-top:.4rem}
.bar .button{margin-left:auto}
.bar nav{order:3;flex-basis:100%;padding-bottom:.4rem}
.bar nav ul{justify-content:flex-start;flex-wrap:wrap}
.bar nav a{padding:.3rem .9rem .3rem 0}
html{scroll-padding-top:1rem}
}
@media screen and (max-width:900px){
.three,.four,.two,.two-notes,.hypothesis{grid-template-columns:minmax(0,1fr)}
.stacked thead{position:absolute;left:-999rem}
.stacked tr,.stacked td,.stacked td:first-child{display:block;border:0;padding:0;width:auto;min-width:0}
.stacked tr{border-bottom:1px solid var(--line);padding:.55rem 0}
.stacked td[data-label]::before{content:attr(data-label) ": ";color:var(--soft);font-weight:600}
.stacked td.num{text-align:left}
.stacked td:empty{display:none}
}
@media screen and (max-width:700px){
.wide{display:none}
.thin{display:block}
.page{padding:0 14px}
h1{font-size:1.5rem}
h2{font-size:1.35rem}
.card{padding:.85rem .9rem}
.step-row{grid-template-columns:2rem minmax(0,1fr)}
.step-row>*:nth-child(n+3){grid-column:2}
.finding>.row{grid-template-columns:minmax(0,1fr)}
.body{padding-left:.6rem}
.filters label,.filters input,.filters select{width:100%;max-width:none}
.count{margin-left:0}
}
@media print{
.wide{display:block}.thin{display:none}
:root,:root[data-theme]{${light}--paper:#fff;--shadow:none}
@page{margin:14mm}
html{font-size:10.6px;print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:1rem;line-height:1.4}
h1{max-width:none}
.grid{gap:.7rem}
#summary>.grid+.grid{margin-top:.7rem}
td,td:first-child{min-width:0}
td.num,.t,.records td:first-child{white-space:normal}
.matrix{columns:4}
.bar,.filters,.skip,.button{display:none!important}
.page{max-width:none;padding:0}
section{padding:.8rem 0 0}
.words{display:none}
#path,#findings{break-before:page}
#summary .card,tr,.action,figure{break-inside:avoid}
.scroll{overflow:visible}
.records .excerpt{max-height:none;overflow:visible}
a{color:inherit;text-decoration:none}
h2,h3,h4{break-after:avoid}
}
`

/** The whole style sheet of the report. */
export const pageStyle = `:root{color-scheme:light;${light}}
@media(prefers-color-scheme:dark){:root{color-scheme:dark;${dark}}}
:root[data-theme=light]{color-scheme:light;${light}}
:root[data-theme=dark]{color-scheme:dark;${dark}}
${base}${summary}${parts}`

export const narrowAndPrintStyle = narrow
