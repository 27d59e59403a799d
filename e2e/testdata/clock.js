// Keeps what the page wants to do after 30 seconds until tick() is called, which returns how much that is.
(() => {
  const set = window.setTimeout, clear = window.clearTimeout;
  let waiting = new Map(), next = -1;
  window.setTimeout = (what, after, ...rest) => {
    if (after !== 30000) return set(what, after, ...rest);
    waiting.set(next, what);
    return next--;
  };
  window.clearTimeout = (timer) => (timer < 0 ? waiting.delete(timer) : clear(timer));
  window.tick = () => {
    const due = [...waiting.values()];
    waiting = new Map();
    due.forEach((what) => what());
    return due.length;
  };
  window.loads = 1 + Number(sessionStorage.getItem("loads"));
  sessionStorage.setItem("loads", window.loads);
})();
