/// How pages look, in light and in darkness.
enum HTMLStyle {
    static let text = """

        :root { color-scheme: light dark; --ground: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d8dee4;
          --good: #116329; --bad: #a40e26; --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #cf222e;
          --c4: #8250df; --c5: #9a6700; --c6: #0a7a8a; --c7: #bf3989; }
        @media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --ink: #e6edf3; --soft: #9198a1;
          --line: #30363d; --good: #56d364; --bad: #ff7b72; --c0: #58a6ff; --c1: #f0883e; --c2: #56d364;
          --c3: #ff7b72; --c4: #bc8cff; --c5: #e3b341; --c6: #39c5cf; --c7: #f778ba; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 24px; max-width: 1520px; background: var(--ground); color: var(--ink);
          font: 15px/1.5 system-ui, sans-serif; }
        h1 { font-size: 22px; } h2 { font-size: 17px; margin-top: 28px; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr)); gap: 20px; }
        figure { margin: 0; padding: 12px; border: 1px solid var(--line); border-radius: 8px; }
        figcaption { font-weight: 600; }
        figure > svg { width: 100%; height: auto; }
        svg text { fill: var(--soft); font-size: 11px; }
        svg .x { text-anchor: middle; } svg .y { text-anchor: end; dominant-baseline: middle; }
        svg .note { text-anchor: end; } svg .title { font-size: 12px; }
        svg polyline, svg line { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
        svg .grid { stroke: var(--line); stroke-width: 1; }
        svg .limit { stroke: var(--bad); stroke-dasharray: 6 4; stroke-width: 1.2; }
        svg .dashed { stroke-dasharray: 5 4; }
        .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); }
        .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); } .c6 { stroke: var(--c6); } .c7 { stroke: var(--c7); }
        svg circle { fill: var(--ground); stroke-width: 1.8; }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; padding: 0; list-style: none;
          font-size: 13px; color: var(--soft); }
        .legend svg { width: 24px; height: 8px; margin-right: 6px; }
        .scroll { overflow-x: auto; margin-bottom: 16px; }
        @media (max-width: 640px) { body { padding: 14px; } svg text { font-size: 15px; } svg .title { font-size: 15px; }
          figure { padding: 8px; } }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 14px 3px 0; text-align: right; white-space: nowrap; }
        th:first-child { text-align: left; } tr.whole { border-top: 1px solid var(--line); }
        tr.part { color: var(--soft); } tr.part th { font-weight: 400; padding-left: 16px; }
        .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
        td.words { text-align: left; } @media (min-width: 641px) { td.words { white-space: normal; min-width: 20em; } }
        .facts { color: var(--soft); font-size: 13px; }

        """
}
