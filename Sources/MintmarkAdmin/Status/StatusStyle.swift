/// How the status page looks: one accent, the system's fonts, light and dark as the reader has it.
enum StatusStyle {
    static let sheet = colors + frame + panels + tables + narrow

    /// Text has a contrast of 4.5 or more on what it stands on (WCAG 2.2, 1.4.3), lines that tell something of 3.
    private static let colors = """
        :root{color-scheme:light dark;--back:#f5f7f6;--card:#fff;--ink:#16201c;--soft:#5a6862;--line:#e2e8e5;\
        --accent:#0a7355;--wash:#e3f3ec;--area:#e9f5f0;--warn:#963a00;--warnwash:#fff1e2}
        @media(prefers-color-scheme:dark){:root{--back:#0d1210;--card:#141a18;--ink:#e4ebe8;--soft:#93a29b;\
        --line:#242e2a;--accent:#56d0a6;--wash:#143228;--area:#17271f;--warn:#ffb570;--warnwash:#33210f}}

        """

    private static let frame = """
        *{box-sizing:border-box}
        body{margin:0;background:var(--back);color:var(--ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Noto Sans","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
        #page{max-width:1320px;margin:0 auto;padding:24px 28px 28px}
        h1,h2,p,dl,dd,ul{margin:0}
        header{display:flex;flex-wrap:wrap;align-items:center;gap:8px 18px;margin-bottom:18px}
        h1{font-size:19px;line-height:28px;font-weight:650;letter-spacing:-.01em;display:flex;align-items:center;gap:9px}
        .mark{width:26px;height:26px;flex:none;fill:none;stroke:var(--accent);stroke-width:2;stroke-linecap:round;\
        stroke-linejoin:round}
        .states{display:flex;gap:8px}
        .state{display:inline-flex;align-items:center;gap:6px;padding:2px 11px 2px 9px;border-radius:99px;\
        font-weight:600;background:var(--wash);color:var(--accent)}
        .state svg{width:13px;height:13px;fill:none;stroke:currentColor;stroke-width:2.2;stroke-linecap:round;\
        stroke-linejoin:round}
        .state.not{background:var(--warnwash);color:var(--warn)}
        .facts{margin-left:auto;display:flex;flex-wrap:wrap;gap:2px 18px;color:var(--soft)}
        .stale{display:none;margin:0;padding:9px 28px;text-align:center;font-weight:600;background:var(--warn);\
        color:var(--card)}
        [data-stale] .stale{display:block}[data-stale] main{opacity:.55}
        .why{margin-bottom:14px;padding:12px 18px;border-radius:10px;background:var(--warnwash);\
        border:1px solid color-mix(in srgb,var(--warn) 45%,transparent)}
        .why h2{color:var(--warn)}.why ul{margin-top:4px;padding-left:18px}
        footer{display:flex;flex-wrap:wrap;gap:4px 20px;justify-content:space-between;margin-top:18px;\
        color:var(--soft);font-size:13px}
        nav{display:flex;flex-wrap:wrap;gap:4px 18px}
        a{color:var(--accent);text-underline-offset:3px}
        a:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}

        """

    private static let panels = """
        .grid{display:grid;gap:14px}.tiles{grid-template-columns:repeat(4,minmax(0,1fr));margin-bottom:14px}
        .panels{grid-template-columns:repeat(3,minmax(0,1fr))}.broad{grid-column:span 2}
        .panel{min-width:0;padding:14px 18px 16px;background:var(--card);border:1px solid var(--line);border-radius:10px}
        h2{font-size:14px;font-weight:600}
        .tile{display:flex;flex-direction:column}.tile h2{font-weight:500;color:var(--soft)}
        .figure{font-size:29px;line-height:1.25;font-weight:600;letter-spacing:-.02em}
        .figure small{margin-left:5px;font-size:14px;font-weight:400;letter-spacing:0;color:var(--soft)}
        .note{color:var(--soft);margin-bottom:12px}
        .curve{display:block;width:100%;height:36px;margin-top:auto}
        .curve path{fill:none;vector-effect:non-scaling-stroke}.curve .area{fill:var(--area)}
        .curve .line{stroke:var(--accent);stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}
        .curve .base{stroke:var(--line)}
        dl{margin-top:6px}
        dl div{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 14px;padding:5px 0;\
        border-top:1px solid var(--line)}
        dl div:first-child{border-top:0}dl div:last-child{padding-bottom:0}
        dt{color:var(--soft)}dd{font-weight:500;text-align:right;margin-left:auto}
        small{font-size:inherit;font-weight:400;color:var(--soft)}dd small{margin-left:3px}
        .bad{color:var(--warn);font-weight:600}.live{color:var(--accent);font-weight:600}
        .none{margin-top:6px;color:var(--soft)}

        """

    private static let tables = """
        table{width:100%;border-collapse:collapse}
        caption{padding-bottom:6px;text-align:left;color:var(--soft)}
        th,td{padding:5px 0 5px 14px;text-align:right;border-top:1px solid var(--line);white-space:nowrap;\
        font-weight:400}
        thead th{color:var(--soft);border-top:0;padding-top:0}td{font-weight:500}
        th:first-child{padding-left:0;text-align:left}
        tbody tr:last-child>*{padding-bottom:0}
        .trend{width:32%;text-align:left}.trend .curve{height:18px}
        .name{white-space:normal;overflow-wrap:anywhere}.id{white-space:normal;word-break:break-all}
        code{font:13px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}

        """

    private static let narrow = """
        @media(max-width:1040px){.panels{grid-template-columns:repeat(2,minmax(0,1fr))}\
        .tiles{grid-template-columns:repeat(2,minmax(0,1fr))}}
        @media(max-width:700px){#page{padding:16px 14px 20px}.grid{gap:10px}.tiles{margin-bottom:10px}\
        .panels{grid-template-columns:minmax(0,1fr)}.broad{grid-column:auto}.panel{padding:12px 14px 14px}\
        .facts{margin-left:0}.figure{font-size:24px}.figure small{font-size:13px;margin-left:4px}\
        .wide{display:none}th,td{padding-left:8px}}
        """
}
