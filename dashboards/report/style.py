"""The look of the report: two sheets of A4 on paper, one column on a small screen."""

from typing import Final

from dashboards.palette import LIGHT

STYLE: Final = f"""
@page {{size:A4;margin:11mm 13mm}}
* {{box-sizing:border-box;-webkit-print-color-adjust:exact;print-color-adjust:exact}}
html {{font:9.4pt/1.36 'Source Sans 3','Source Sans Pro','DejaVu Sans Condensed','DejaVu Sans',sans-serif;
  color:{LIGHT.text};background:{LIGHT.sunk}}}
body {{margin:0}}
h1 {{font-size:19pt;line-height:1.15;margin:0 0 1mm;color:{LIGHT.ink};overflow-wrap:anywhere}}
h2 {{font-size:11pt;line-height:1.2;margin:2.8mm 0 .8mm;color:{LIGHT.ink}}}
p {{margin:0 0 1.2mm}}
ul {{margin:0;padding-left:4.5mm}}
li {{margin:0 0 1mm}}
strong {{color:{LIGHT.ink}}}
code {{font:8.4pt/1.3 'DejaVu Sans Mono',monospace;overflow-wrap:anywhere;background:{LIGHT.sunk};padding:0 .8mm}}
table {{border-collapse:collapse;width:100%;font-size:8.8pt}}
th,td {{text-align:left;padding:.5mm 2mm .5mm 0;border-bottom:.2mm solid {LIGHT.line};vertical-align:top}}
td.number,th.number {{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}}
.sheet {{background:{LIGHT.ground};width:min(210mm,100%);margin:6mm auto;padding:11mm 13mm;display:flex;
  flex-direction:column}}
.when {{color:{LIGHT.muted};font-size:10.5pt}}
.made {{color:{LIGHT.muted};font-size:8.4pt;border-bottom:.4mm solid {LIGHT.ink};padding-bottom:1.5mm;
  margin-bottom:1mm}}
.test {{color:{LIGHT.bad};font-weight:600}}
.note {{color:{LIGHT.muted};font-size:8.6pt}}
.bars {{font-size:8.2pt;line-height:1.15}}
.bars th {{font-weight:400;width:38%;border:0;padding:.35mm 2mm .35mm 0}}
.bars td {{border:0;padding:.35mm 0;vertical-align:middle}}
.bars .bar {{width:30%;padding-right:2mm}}
.bars svg {{display:block;width:100%;height:3mm}}
.picture {{min-height:0}}
.picture svg {{display:block;width:100%;height:auto;max-height:100%}}
.two {{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(78mm,100%),1fr));column-gap:6mm}}
.two > div {{display:flex;flex-direction:column;min-width:0}}
.key {{display:flex;flex-wrap:wrap;gap:.6mm 4mm;color:{LIGHT.muted};font-size:8.4pt}}
.key i {{display:inline-block;width:4.5mm;height:2.6mm;margin-right:1.2mm;vertical-align:middle}}
.foot {{color:{LIGHT.muted};font-size:8pt;margin-top:auto;padding-top:1.5mm}}
@media (max-width:48rem) {{ .sheet {{padding:5mm}} }}
@media print {{
  html {{background:none}}
  .sheet {{margin:0;padding:0;width:auto;height:274mm;overflow:hidden}}
  .sheet + .sheet {{break-before:page}}
  .picture.grow {{flex:1 1 0}}
  .two.grow {{min-height:82mm}}
}}
"""
"""Pictures that grow take what the words leave of a sheet, so that there are two of them."""
