// The texts of the page with a contrast below 4.5 to what is behind them, as WCAG 2 computes it.
(() => {
  const channels = (color) => color.match(/[\d.]+/g).map(Number);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(e).backgroundColor);
      if (a === 1) return [r, g, b];
      if (a > 0) throw new Error("half transparent: " + e.outerHTML.slice(0, 80));
    }
    throw new Error("nothing is behind the text");
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const pale = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    const text = [...element.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE && n.data.trim()).map((n) => n.data.trim()).join(" ");
    if (!text || !element.checkVisibility() || element.closest("script, option")) continue;
    const style = getComputedStyle(element);
    const [x, y] = [luminance(channels(style.color).slice(0, 3)), luminance(behind(element))];
    const contrast = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
    if (contrast < 4.5) pale.set(style.color + behind(element), `${contrast.toFixed(2)}: ${element.tagName} ${element.className}: ${text.slice(0, 60)}`);
  }
  return [...pale.values()];
})()
