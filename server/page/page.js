
"use strict";
(() => {
  const every = 30000;
  const id = (name) => document.getElementById(name);
  const body = id("rows");
  const heads = [...document.querySelectorAll("#table thead th")];
  const severity = ["Problem", "Warning", "Unknown", "Fine", "Off"];
  let rows = [...body.rows]; // in the order of the exporter
  let sorted = { column: 0, down: false };
  let timer, asking;

  // The value of a cell by which it is sorted; undefined, which is always last, if it is not known.
  const valueOf = (row, column) => {
    const cell = row.cells[column], text = cell.textContent;
    if (column === 0) return severity.indexOf(text);
    if (column === 10) return -Date.parse(cell.firstChild.dateTime) || undefined;
    if (column < 6 || column > 8) return text.toLowerCase();
    if (!text.includes(":")) return undefined;
    return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  };

  const sort = () => {
    const { column, down } = sorted;
    const values = new Map(rows.map((row) => [row, valueOf(row, column)]));
    const order = [...rows].sort((a, b) => {
      const x = values.get(a), y = values.get(b);
      if (x === y) return 0;
      if (x === undefined || y === undefined) return x === undefined ? 1 : -1;
      return (typeof x === "number" ? x - y : x.localeCompare(y, "en", { numeric: true })) * (down ? -1 : 1);
    });
    body.append(...order);
    heads.forEach((head, i) => {
      if (i === column) head.setAttribute("aria-sort", down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  };

  const filter = () => {
    const words = id("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = id("state").value.split(" ").filter(Boolean);
    const wanted = (element) => {
      const text = element.textContent.toLowerCase();
      return words.every((word) => text.includes(word)) && (!states.length || states.some((state) => element.classList.contains(state)));
    };
    const show = (elements) => elements.filter((element) => !(element.hidden = !wanted(element))).length;
    const lanes = [...document.querySelectorAll(".lane")];
    const filtered = words.length + states.length > 0;
    const found = show(lanes), shown = show(rows);
    const folded = id("folded");
    if (folded && words.length && folded.querySelector(".lane:not([hidden])")) folded.open = true;
    return filtered ? `${shown} of ${rows.length} rows and ${found} of ${lanes.length} pipelines match` : "";
  };

  const say = (text) => {
    if (id("said").textContent !== text) id("said").textContent = text;
  };

  // What has the focus, or is open, in a part that is about to be replaced.
  const nameOf = (element) => element.id || element.getAttribute("href");
  const replace = (next, name) => {
    const old = id(name), now = next.getElementById(name);
    if (!old || !now) return location.reload();
    if (old.innerHTML === now.innerHTML) return;
    const focused = old.contains(document.activeElement) && nameOf(document.activeElement);
    const open = [...old.querySelectorAll("details[open]")].map((element) => element.id);
    const scrolled = [...old.querySelectorAll(".scroll")].map((element) => [element.id, element.scrollLeft]);
    old.replaceChildren(...now.childNodes);
    open.forEach((name) => id(name) && (id(name).open = true));
    scrolled.forEach(([name, left]) => id(name) && (id(name).scrollLeft = left));
    const again = focused && [...old.querySelectorAll("a, summary, .scroll")].find((element) => nameOf(element) === focused);
    if (again) again.focus({ preventScroll: true });
  };

  const swap = (text) => {
    const next = new DOMParser().parseFromString(text, "text/html");
    if (next.documentElement.dataset.version !== document.documentElement.dataset.version) return location.reload();
    const { scrollX, scrollY } = window;
    for (const name of ["shown", "summary", "pipelines", "left-out", "rows", "exporter"]) replace(next, name);
    document.title = next.title;
    id("icon").href = next.getElementById("icon").href;
    rows = [...body.rows];
    takeReload();
    if (sorted.column !== 0 || sorted.down) sort();
    say(filter());
    window.scrollTo(scrollX, scrollY);
  };

  const refresh = async () => {
    clearTimeout(timer);
    if (asking) return;
    asking = true;
    try {
      const answer = await fetch(location.pathname, { cache: "no-store", signal: AbortSignal.timeout(20000) });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      swap(await answer.text());
    } catch (error) {
      say(`Could not refresh (${error.message}). What is shown is of ${id("shown").querySelector("time").textContent}.`);
    }
    asking = false;
    wait();
  };

  const paused = () => id("pause").getAttribute("aria-pressed") === "true";
  const wait = () => {
    clearTimeout(timer);
    if (!paused()) timer = setTimeout(() => (document.hidden || !getSelection().isCollapsed ? wait() : refresh()), every);
  };

  const takeReload = () => id("reload").addEventListener("click", (event) => {
    event.preventDefault();
    refresh();
  });

  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      sorted = { column, down: sorted.column === column && !sorted.down };
      sort();
    });
    head.replaceChildren(button);
  });
  id("filter").addEventListener("input", () => say(filter()));
  id("state").addEventListener("change", () => say(filter()));
  id("pause").addEventListener("click", () => {
    id("pause").setAttribute("aria-pressed", String(!paused()));
    wait();
  });
  document.addEventListener("visibilitychange", () => document.hidden || paused() || refresh());
  document.documentElement.classList.add("scripted");
  id("controls").hidden = false;
  takeReload();
  say(filter());
  wait();
})();
