"""What jumps on a page while nobody has pressed or typed anything."""

MOST_SHIFT = 0.02
SHIFTS = """
    window.shifted = 0;
    window.moved = [];
    const nameOf = ({ node }) => node?.className || node?.nodeName;
    new PerformanceObserver((seen) => {
        for (const { value, hadRecentInput, sources } of seen.getEntries()) {
            if (hadRecentInput) continue;
            window.shifted += value;
            window.moved.push([value, sources.map(nameOf)]);
        }
    }).observe({ type: "layout-shift", buffered: true });
"""
