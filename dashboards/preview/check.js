// What cannot be read on the page, whatever the data is.

// isCut is whether something of the element lies beyond what can be seen of it.
function isCut(element) {
  return element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflowX !== 'visible';
}

// cutIn returns the texts of those elements that are cut, or have a part that is.
function cutIn(panel, selector) {
  return [...panel.querySelectorAll(selector)]
    .filter((element) => isCut(element) || [...element.querySelectorAll('*')].some(isCut))
    .map((element) => element.textContent.trim());
}

function wideTables(panel) {
  return [...panel.querySelectorAll('[role=grid]')].filter((grid) => grid.scrollWidth > grid.clientWidth + 1).map((grid) => {
    const right = grid.getBoundingClientRect().right;
    const beyond = [...grid.querySelectorAll('[role=columnheader]')].filter((h) => h.getBoundingClientRect().right > right + 1);
    return `the table is wider than its panel: ${beyond.map((h) => h.textContent.trim()).join(', ')}`;
  });
}

// cutTexts returns what is cut, by panel.
export function cutTexts() {
  return [...document.querySelectorAll('[data-panel]')].flatMap((panel) => [
    ...wideTables(panel),
    ...cutIn(panel, 'h2').map(() => `the title is cut`),
    ...cutIn(panel, '[role=columnheader]').map((text) => `the header is cut: ${text}`),
    ...[...new Set(cutIn(panel, '[role=gridcell]'))].map((text) => `the cell is cut: ${text}`),
  ].map((problem) => `${panel.dataset.panel}: ${problem}`));
}
