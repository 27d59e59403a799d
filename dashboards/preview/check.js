// What cannot be read on the page, whatever the data is.

// parts of a panel, as selectors.
const parts = { title: 'h2', header: '[role=columnheader]', cell: '[role=gridcell]' };

// visible is from where to where the texts in an element can be seen, or null if it hides none, or all:
// what is one pixel wide is for screen readers.
function visible(element) {
  const style = getComputedStyle(element);
  if (style.overflowX === 'visible' || element.clientWidth <= 1) {
    return null;
  }
  const left = element.getBoundingClientRect().left + element.clientLeft;
  const inner = (side) => (style.textOverflow === 'ellipsis' ? parseFloat(style[side]) : 0);
  return { left: left + inner('paddingLeft'), right: left + element.clientWidth - inner('paddingRight') };
}

// isCut is whether a text lies partly where it cannot be seen. What lies outside of a table is not cut, but
// makes the table wide.
function isCut(text, panel) {
  const range = document.createRange();
  range.selectNodeContents(text);
  const { left, right, width } = range.getBoundingClientRect();
  for (let element = text.parentElement; width > 0 && element !== panel && element.role !== 'grid'; element = element.parentElement) {
    const seen = visible(element);
    if (seen && (left < seen.left - 1 || right > seen.right + 1)) {
      return true;
    }
  }
  return false;
}

// cutTexts returns the texts of a panel that are cut.
function cutTexts(panel) {
  const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT), cut = [];
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (text.data.trim() && isCut(text, panel)) {
      const part = Object.keys(parts).find((name) => text.parentElement.closest(parts[name])) ?? 'text';
      cut.push(`the ${part} is cut: ${text.data.trim()}`);
    }
  }
  return cut;
}

// wideTables names the columns that lie beyond the right edge.
function wideTables(panel) {
  return [...panel.querySelectorAll('[role=grid]')].filter((grid) => grid.scrollWidth > grid.clientWidth + 1).map((grid) => {
    const right = grid.getBoundingClientRect().right;
    const beyond = [...grid.querySelectorAll('[role=columnheader]')].filter((header) => header.getBoundingClientRect().right > right + 1);
    return `the table is wider than its panel: ${beyond.map((header) => header.textContent.trim()).join(', ')}`;
  });
}

// missing returns what has data and is not drawn.
function missing(panel) {
  const drawn = panel.querySelector('[role=gridcell]')?.getBoundingClientRect().height > 0;
  return panel.dataset.rows > 0 && !drawn ? ['no row of the table is drawn'] : [];
}

// unreadable returns what cannot be read of each panel.
export function unreadable() {
  return [...document.querySelectorAll('[data-panel]')].flatMap((panel) =>
    [...new Set([...missing(panel), ...wideTables(panel), ...cutTexts(panel)])].map((problem) => `${panel.dataset.panel}: ${problem}`));
}
