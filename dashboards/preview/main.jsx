// Draws the dashboard that the address names, and tells in window.preview when it is drawn and what
// is wrong with it.
import 'uplot/dist/uPlot.min.css';
import { createTheme, ThemeContext } from '@grafana/data';
import { GlobalStyles } from '@grafana/ui';
import { createRoot } from 'react-dom/client';
import { unreadable } from './check.js';
import { Dashboard } from './dashboard.jsx';
import { prepare } from './config.js';
import { loadDashboard } from './load.js';

const address = new URLSearchParams(location.search);
const theme = createTheme({ colors: { mode: address.get('theme') ?? 'dark' } });
window.preview = { drawn: false, problems: [], empty: [] };

// settled waits until the page has not changed for a while, nor in two frames after that, which may be long on a busy
// machine: panels draw themselves in several steps.
function settled(quiet) {
  return new Promise((resolve) => {
    let timer, frame;
    const observer = new MutationObserver(wait);
    function end() {
      observer.disconnect();
      resolve();
    }
    function wait() {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      timer = setTimeout(() => (frame = requestAnimationFrame(() => (frame = requestAnimationFrame(end)))), quiet);
    }
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
    wait();
  });
}

async function main() {
  prepare();
  const dashboard = await loadDashboard(address, theme);
  const root = createRoot(document.getElementById('main'));
  const render = (child) => root.render(<ThemeContext.Provider value={theme}><GlobalStyles />{child}</ThemeContext.Provider>);
  render(null);
  await settled(50);
  // Panels measure their texts, and need the fonts of the styles for that.
  await Promise.all(['400 14px Inter', '500 14px Inter'].map((font) => document.fonts.load(font)));
  render(<Dashboard {...dashboard} />);
  await settled(400);
  for (const panel of dashboard.panels) {
    window.preview.problems.push(...panel.problems.map((p) => `${panel.title}: ${p}`));
    if (panel.empty) {
      window.preview.empty.push({ id: panel.id, title: panel.title });
    }
  }
  window.preview.problems.push(...unreadable());
}

main()
  .catch((error) => window.preview.problems.push(`the page: ${error.stack}`))
  .finally(() => (window.preview.drawn = true));
