// Style and script of the page. Colours: Okabe and Ito (2008), darker on white and lighter on black for contrast.
#include "html.hpp"

namespace lobule::io::report {

const std::string_view k_style = R"css(
:root{--paper:#fff;--ink:#1a1c1f;--soft:#5c636b;--faint:#e4e6e9;--wash:#f5f6f7;--band:#dfe3e8;
--c0:#0b5fa5;--c1:#c2500a;--c2:#00795a;--c3:#a8478a;--c4:#8a6d00;--c5:#3b8fc4;--c6:#6a4fb3;--c7:#4d5560;
--fit:#00795a;--misfit:#b8400b}
@media (prefers-color-scheme:dark){:root{--paper:#14161a;--ink:#e6e8eb;--soft:#9aa3ad;--faint:#2b3037;--wash:#1b1e23;--band:#333a43;
--c0:#62b0ee;--c1:#f0924d;--c2:#3cc49b;--c3:#e08cc4;--c4:#d6b83f;--c5:#9fd3f5;--c6:#b3a0f0;--c7:#b3bac2;
--fit:#3cc49b;--misfit:#f0924d}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.55 Charter,"Bitstream Charter","Source Serif 4","Iowan Old Style",Cambria,Georgia,"DejaVu Serif",serif}
main{max-width:1120px;margin:0 auto;padding:72px 32px 120px}
h1,h2,h3{font-weight:600;line-height:1.2;text-wrap:balance}
h1{font-size:40px;letter-spacing:-.012em;margin:6px 0 18px;max-width:22em}
h2{font-size:26px;letter-spacing:-.006em;margin:0 0 14px}
h3{font-size:19px;margin:40px 0 4px}
p{max-width:70ch;margin:0 0 14px}
.lead{font-size:20px;line-height:1.45}
.overline,.meta,nav,h4,figcaption,table,dl,.origins,.references,.note,.verdict,svg text,#tip{font-family:"Inter","Helvetica Neue",Helvetica,"Segoe UI",Roboto,Arial,"Liberation Sans","DejaVu Sans",sans-serif}
.overline{font-size:12px;letter-spacing:.09em;text-transform:uppercase;color:var(--soft);margin:0}
.meta,.note,figcaption,.sub{color:var(--soft)}
.meta{font-size:13px;overflow-wrap:anywhere}.note{font-size:14px;margin-bottom:8px}
nav{display:flex;flex-wrap:wrap;gap:4px 22px;font-size:13.5px;padding:12px 0;border-top:1px solid var(--faint);border-bottom:1px solid var(--faint)}
nav a{color:var(--soft);text-decoration:none}nav a:hover{color:var(--c0);text-decoration:underline}
section{margin-top:72px;scroll-margin-top:24px}
.group{margin-top:8px}
.glance{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:24px;margin:36px 0}
.glance div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
.glance dd{margin:0;font-size:30px;line-height:1.15;font-weight:500;font-variant-numeric:tabular-nums;letter-spacing:-.02em}
.glance dd small{font-size:16px;color:var(--soft);font-weight:400;letter-spacing:0}
.glance dt{font-size:12.5px;line-height:1.35;color:var(--soft);margin-top:4px}
.multiples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(300px,100%),1fr));gap:30px 36px;margin:18px 0 4px}
.one{margin:18px 0 26px}
figure{margin:0;min-width:0;break-inside:avoid}figure.wide{max-width:860px}
@supports (grid-template-rows:subgrid){.multiples figure{display:grid;grid-row:span 3;grid-template-rows:subgrid;row-gap:0}.multiples{row-gap:0}.multiples figure>:last-child{margin-bottom:30px}.multiples h4{align-self:end}}
h4{font-size:13.5px;font-weight:600;line-height:1.35;margin:0 0 8px}
figcaption{font-size:12.5px;line-height:1.45;margin-top:4px}
.plot{position:relative;touch-action:pan-y}
.plot svg{display:block;width:100%;height:auto;overflow:visible;pointer-events:none}
.sections{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(460px,100%),1fr));gap:30px 24px;align-items:start;margin:18px 0 4px}
@media (min-width:1240px){.sections{width:min(96vw - 32px,1320px);margin-left:calc((100% - min(96vw - 32px,1320px))/2)}}
.sections img{display:block;width:100%;height:auto;border-radius:12px}.sections label{cursor:zoom-in}.sections figcaption{font-size:13.5px;color:var(--ink)}
.sections input{position:absolute;opacity:0}.sections input:focus-visible+label img{outline:2px solid var(--c0)}
.sections figure:has(input:checked){grid-column:1/-1}.sections input:checked+label{cursor:zoom-out}
.on-narrow{display:none}
svg text{font-size:11px;fill:var(--soft);font-variant-numeric:tabular-nums}
svg .axis-label{font-size:11px}
svg .label{font-size:11.5px;font-weight:500;stroke:none}
.grid{stroke:var(--faint);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
.curve{fill:none;stroke-width:1.9;stroke-linejoin:round;stroke-linecap:round}
.curve.c0{stroke:var(--c0)}.curve.c1{stroke:var(--c1)}.curve.c2{stroke:var(--c2)}.curve.c3{stroke:var(--c3)}
.curve.c4{stroke:var(--c4)}.curve.c5{stroke:var(--c5)}.curve.c6{stroke:var(--c6)}.curve.c7{stroke:var(--c7)}
svg .label.c0{fill:var(--c0)}svg .label.c1{fill:var(--c1)}svg .label.c2{fill:var(--c2)}svg .label.c3{fill:var(--c3)}
svg .label.c4{fill:var(--c4)}svg .label.c5{fill:var(--c5)}svg .label.c6{fill:var(--c6)}svg .label.c7{fill:var(--c7)}
.curve.published{stroke:var(--c1);stroke-width:1.5;stroke-dasharray:5 4}
.ribbon{stroke:none;opacity:.2}
.ribbon.c0{fill:var(--c0)}.ribbon.c1{fill:var(--c1)}.ribbon.c2{fill:var(--c2)}.ribbon.c3{fill:var(--c3)}
.ribbon.c4{fill:var(--c4)}.ribbon.c5{fill:var(--c5)}.ribbon.c6{fill:var(--c6)}.ribbon.c7{fill:var(--c7)}
.ribbon.open{fill:none;stroke-width:1;stroke-dasharray:3 3;opacity:.75}
.ribbon.open.c0{stroke:var(--c0)}.ribbon.open.c1{stroke:var(--c1)}.ribbon.open.c2{stroke:var(--c2)}.ribbon.open.c3{stroke:var(--c3)}
.ribbon.open.c4{stroke:var(--c4)}.ribbon.open.c5{stroke:var(--c5)}.ribbon.open.c6{stroke:var(--c6)}.ribbon.open.c7{stroke:var(--c7)}
.observed{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}.bar{stroke:var(--ink);stroke-width:1.1}
.observed-band{fill:var(--band)}
.fit{fill:var(--fit);color:var(--fit)}.misfit{fill:var(--misfit);color:var(--misfit)}
.scroll{overflow-x:auto;margin:14px 0 30px}
table{border-collapse:collapse;width:100%;font-size:13.5px;line-height:1.4}
th{font-weight:500;color:var(--soft);text-align:left;white-space:nowrap;font-size:12.5px}
th,td{padding:7px 18px 7px 0;vertical-align:top}
thead th{border-bottom:1px solid var(--soft)}tbody td{border-bottom:1px solid var(--faint)}
td:last-child,th:last-child{padding-right:0}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.sub{display:block;font-size:12px;line-height:1.35;font-weight:400;white-space:normal}.n .sub{white-space:nowrap}
.features td:nth-child(1){min-width:190px}.features td:nth-child(2){min-width:130px}
.parameters td:nth-child(1){min-width:220px;width:38%}.parameters td:nth-child(5){white-space:nowrap}.parameters td:nth-child(6){min-width:200px;width:30%}
.inputs td:nth-child(1){min-width:220px;width:36%}.inputs td:nth-child(5){min-width:200px;width:34%}
.strip{width:132px;height:18px;display:block;margin-top:1px}
.verdict{font-size:12.5px;white-space:nowrap}.verdict.fit,.verdict.misfit{font-weight:600}
code{font:12.5px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
h3 code{font-size:15px}
.share{display:block;width:100%;height:14px;margin-top:18px}
.origins{list-style:none;display:flex;flex-wrap:wrap;gap:10px 32px;padding:0;margin:10px 0 0;font-size:13.5px}
.origins .sub{padding-left:16px;max-width:190px}
.key{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:6px}
.key.published{width:18px;height:0;border-top:2px dashed var(--c1);border-radius:0;vertical-align:3px;margin:0 5px 0 2px}
.key.ribbon-key{width:18px;background:var(--soft);opacity:.3;border-radius:0;vertical-align:-1px}
.k-sourced{fill:var(--c0);background:var(--c0)}.k-derived{fill:var(--c5);background:var(--c5)}.k-balance{fill:var(--c2);background:var(--c2)}
.k-fitted{fill:var(--c1);background:var(--c1)}.k-assumed{fill:var(--c7);background:var(--c7)}
.references{list-style:none;padding:0;margin:12px 0;font-size:13.5px;columns:2 360px;column-gap:40px}
.references li{break-inside:avoid;margin-bottom:9px;overflow-wrap:anywhere}.references code{color:var(--soft);margin-right:4px}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 28px;font-size:13.5px}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
#tip{position:absolute;pointer-events:none;z-index:2;background:var(--ink);color:var(--paper);font-size:12px;line-height:1.45;padding:6px 9px;border-radius:4px;white-space:nowrap;font-variant-numeric:tabular-nums}
.hair{position:absolute;width:1px;background:var(--soft);opacity:.55;pointer-events:none}
@media (max-width:620px){main{padding:32px 16px 72px}h1{font-size:29px}h2{font-size:22px}.lead{font-size:18px}section{margin-top:52px}
.on-wide{display:none}.on-narrow{display:block}.glance{grid-template-columns:repeat(2,1fr);gap:18px}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:8px}}
@media print{:root{--paper:#fff;--ink:#000;--soft:#444;--faint:#ddd;--band:#ddd;--c0:#0b5fa5;--c1:#c2500a;--c2:#00795a;--c3:#a8478a;--c4:#8a6d00;--c5:#3b8fc4;--c6:#6a4fb3;--c7:#4d5560;--fit:#00795a;--misfit:#b8400b}
body{font-size:10.5pt}main{max-width:none;padding:0}nav{display:none}section{margin-top:28pt}h2,h3,h4{break-after:avoid}tr{break-inside:avoid}
.multiples{grid-template-columns:repeat(3,1fr);gap:14pt}.sections{grid-template-columns:1fr 1fr;gap:10pt;width:auto;margin:8pt 0}.sections figure{break-inside:avoid}.scroll{overflow:visible}table{font-size:8.5pt}@page{margin:16mm}}
)css";

const std::string_view k_script = R"js(
(() => {
  const tip = Object.assign(document.createElement('div'), {id: 'tip', hidden: true});
  const hair = Object.assign(document.createElement('div'), {className: 'hair', hidden: true});
  const show = v => Math.abs(v) >= 1e4 || (v && Math.abs(v) < 1e-3) ? v.toExponential(2) : String(+v.toPrecision(3));
  const hide = () => { tip.hidden = hair.hidden = true; };
  const at = (line, x) => {
    const p = line.points, n = p.numberOfItems;
    if (!n || x < p.getItem(0).x || x > p.getItem(n - 1).x) return null;
    let a = 0, b = n - 1;
    while (b - a > 1) { const m = (a + b) >> 1; if (p.getItem(m).x <= x) a = m; else b = m; }
    const q = p.getItem(a), r = p.getItem(b);
    return r.x > q.x ? q.y + (r.y - q.y) * (x - q.x) / (r.x - q.x) : r.y;
  };
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  document.querySelectorAll('.plot').forEach(plot => {
    plot.addEventListener('pointerleave', hide);
    plot.addEventListener('pointermove', event => {
      const svg = [...plot.querySelectorAll('svg')].find(s => s.getBoundingClientRect().width);
      const [x0, x1, t0, t1, y0, y1, v0, v1, unit] = svg.dataset.map.split(' ').map(Number);
      const box = svg.getBoundingClientRect(), k = svg.viewBox.baseVal.width / box.width;
      const x = (event.clientX - box.left) * k, y = (event.clientY - box.top) * k;
      if (x < x0 || x > x1) return hide();
      const time = (t0 + (x - x0) / (x1 - x0) * (t1 - t0)) / unit;
      const rows = [show(time) + ' ' + svg.dataset.time];
      svg.querySelectorAll('.curve').forEach(line => {
        const height = at(line, x);
        if (height !== null) rows.push(line.dataset.name + '  ' + show(v0 + (y0 - height) / (y0 - y1) * (v1 - v0)));
      });
      svg.querySelectorAll('circle').forEach(c => {
        if (Math.hypot(c.cx.baseVal.value - x, c.cy.baseVal.value - y) < 12) rows.push(c.dataset.tip);
      });
      tip.replaceChildren(...rows.flatMap((row, i) => i ? [document.createElement('br'), row] : [row]));
      plot.append(hair, tip);
      tip.hidden = hair.hidden = false;
      hair.style.cssText = `left:${x / k}px;top:${y1 / k}px;height:${(y0 - y1) / k}px`;
      const left = x / k + 12 + tip.offsetWidth > box.width ? x / k - 12 - tip.offsetWidth : x / k + 12;
      tip.style.cssText = `left:${Math.max(left, 0)}px;top:${Math.max(y / k - 12, 0)}px`;
    });
  });
})();
)js";

}  // namespace lobule::io::report
