/// How the status page looks: one accent, the system's fonts, light and dark as the reader has it.
enum StatusStyle {
    static let sheet = """
        :root{color-scheme:light dark;--back:#f4f7f5;--card:#fff;--ink:#14211c;--soft:#586861;--line:#e1e8e4;\
        --accent:#0b7558;--wash:#dff2ea;--warn:#8f3d00;--warnwash:#fff0df;--track:#e8eeeb}
        @media(prefers-color-scheme:dark){:root{--back:#0c1210;--card:#131b18;--ink:#e7efeb;--soft:#93a59d;\
        --line:#22302a;--accent:#55d6aa;--wash:#12352a;--warn:#ffb877;--warnwash:#33220f;--track:#1f2b26}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Noto Sans","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
        .page{max-width:1180px;margin:0 auto;padding:clamp(16px,3vw,40px)}
        header{display:flex;flex-wrap:wrap;align-items:center;gap:10px 20px;margin-bottom:24px}
        h1{margin:0;font-size:22px;font-weight:650;letter-spacing:-.01em;display:flex;align-items:center;gap:10px}
        .mark{width:28px;height:28px;flex:none}.mark circle{fill:none;stroke:var(--accent);stroke-width:2}
        .mark path{fill:none;stroke:var(--accent);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
        header p{margin:0;color:var(--soft)}
        .facts{flex:1 1 260px}
        .state{display:inline-flex;align-items:center;gap:8px;padding:6px 14px;border-radius:99px;font-weight:600;\
        background:var(--wash);color:var(--accent)}
        .state svg{width:14px;height:14px;fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;\
        stroke-linejoin:round}
        .state.not{background:var(--warnwash);color:var(--warn)}
        .why{margin:0 0 20px;padding:16px 20px;border-radius:14px;background:var(--warnwash);\
        border:1px solid var(--warn)}
        .why h2{color:var(--warn);margin:0 0 4px}.why ul{margin:0;padding-left:20px}
        .grid{display:grid;gap:18px;margin-bottom:18px}
        .tiles{grid-template-columns:repeat(auto-fit,minmax(min(100%,230px),1fr))}
        .pair{grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr))}
        section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:20px;min-width:0}
        h2{margin:0 0 10px;font-size:13px;font-weight:600;color:var(--soft)}
        .tile{display:flex;flex-direction:column}
        .figure{margin:0;font-size:34px;line-height:1.15;font-weight:550;letter-spacing:-.02em}
        .note{margin:4px 0 0;color:var(--soft);font-size:13px}
        .tile .foot{margin-top:auto;padding-top:14px}
        .spark{display:block;width:100%;height:44px;overflow:visible}
        .spark polyline{fill:none;stroke:var(--accent);stroke-width:1.75;vector-effect:non-scaling-stroke;\
        stroke-linejoin:round;stroke-linecap:round}
        .spark polygon{fill:var(--wash)}.spark line{stroke:var(--line);vector-effect:non-scaling-stroke}
        .meter{display:block;width:100%;height:6px;border-radius:3px}
        .meter .track{fill:var(--track)}.meter .fill{fill:var(--accent)}
        .scroll{overflow-x:auto}.scroll:focus-visible,a:focus-visible{outline:2px solid var(--accent);\
        outline-offset:3px;border-radius:4px}
        table{width:100%;border-collapse:collapse}
        th,td{padding:9px 0 9px 16px;text-align:right;border-top:1px solid var(--line);white-space:nowrap}
        thead th{border-top:0;padding-top:0;font-size:12.5px;font-weight:500;color:var(--soft)}
        th:first-child,td:first-child{padding-left:0;text-align:left}
        tbody th{font-weight:550}
        tbody tr:last-child>*{padding-bottom:0}
        .wrap{white-space:normal;overflow-wrap:anywhere}
        code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
        dl{margin:0}dl div{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 16px;padding:9px 0;\
        border-top:1px solid var(--line)}
        dl div:first-child{border-top:0;padding-top:0}dl div:last-child{padding-bottom:0}
        dt{color:var(--soft)}dd{margin:0;font-weight:550;text-align:right}
        dd small{font-weight:400;color:var(--soft);font-size:13px}
        .bad{color:var(--warn);font-weight:600}.live{color:var(--accent)}
        .none{margin:0;color:var(--soft)}
        footer{display:flex;flex-wrap:wrap;gap:6px 20px;justify-content:space-between;margin-top:26px;color:var(--soft);\
        font-size:13px}
        footer p{margin:0}
        nav{display:flex;flex-wrap:wrap;gap:6px 18px}a{color:var(--accent);text-underline-offset:3px}
        @media(max-width:560px){.wide{display:none}th,td{padding-left:10px}section{padding:16px}.figure{font-size:30px}}
        """
}
