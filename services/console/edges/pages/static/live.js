// What changes while a page is open is drawn anew where it stands: nothing moves under the pointer,
// nothing takes the focus, nothing that somebody is typing into is touched. One stream a page; it says
// ids, and the page asks for what it shows by the same address as before.
//   tr[data-live="ticket:ID"]   a row of a list        [data-part="ticket:ID"]   a part of a page, with an id
//   [data-panel="customer:ID"]  a panel's body, with an id
(() => {
  "use strict";
  const REST_MS = 1200;  // between two looks
  const AGAIN_MS = 5000;  // until a look that failed is tried again
  const FEW = 100;  // rows that are asked for by their ids; of more the list is asked for
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  let stream = null, last = 0, busy = false, again = false;
  const changed = new Set(), fresh = new Set();

  const isLive = () => document.querySelector("[data-live^='ticket:'], [data-part], [data-panel], .news");
  const listOf = (element) => element.closest(".panel-body[id]");
  const ask = async (address, part) => {
    const answer = await fetch(address, { headers: part ? { "HX-Request": "true" } : {}, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
    return parse(await answer.text());
  };
  const isTyped = (part) => part.contains(document.activeElement) && document.activeElement !== document.body
    || all("textarea, input[type=text]", part).some((each) => each.value !== each.defaultValue)
    || all("select", part).some((each) => [...each.options].some((one) => one.selected !== one.defaultSelected));

  // named: the answer has what is kept of a row otherwise, because looking it up is more than a row is worth
  const keptOf = (row) => row.querySelector("[data-kept]")?.dataset.kept;
  const drawRow = (row, anew, named) => {
    if (!anew) { row.classList.add("left"); return; }
    row.classList.remove("left");
    const cells = [...row.children], news = [...anew.children];
    cells.forEach((cell, at) => {
      const now = news[at];
      if (!now || cell.isEqualNode(now) || (!named && now.dataset.kept)) return;
      const mark = cell.querySelector("input[type=checkbox]"), focused = cell.contains(document.activeElement);
      const own = document.importNode(now, true);
      const ownMark = own.querySelector("input[type=checkbox]");
      if (mark && ownMark) ownMark.checked = mark.checked;
      cell.replaceWith(own);
      if (focused) own.querySelector("a, button, input")?.focus({ preventScroll: true });
    });
  };

  const rowsOf = (root) => new Map(all("tr[data-live]", root).map((each) => [each.dataset.live, each]));

  // ids: what has changed or is fresh; null: nobody knows. Of a page that has a next one the last row is
  // asked for too: what comes below it stands on the next one.
  const drawList = async (list, ids) => {
    const path = location.pathname.replace(/\/$/, ""), known = rowsOf(list), bar = list.querySelector(".news");
    const last = list.querySelector(".further") && all("tr[data-live]:not(.left)", list).pop()?.dataset.live;
    const only = ids && [...ids, ...(last && !ids.has(last) ? [last] : [])];
    const some = only && only.length <= FEW;
    const query = new URLSearchParams(location.search);
    if (some) for (const id of only) query.append("only", id.slice(id.indexOf(":") + 1));
    const table = (await ask(`${path}/panels/rows?${query}`, true)).querySelector("[data-rows]");
    if (!table) throw new Error("no rows");
    const there = rowsOf(table);
    const isOther = (id) => there.has(id) && known.has(id) && keptOf(there.get(id)) !== keptOf(known.get(id));
    if (some && ((last && !there.has(last)) || only.some(isOther))) return drawList(list, null);
    let below = false;
    for (const id of some && last ? [...there.keys()] : []) {
      if (below) there.delete(id);
      below ||= id === last;
    }
    for (const [id, row] of known) if (!ids || ids.has(id)) drawRow(row, there.get(id), !some);
    const news = some && bar.ids || new Set();
    for (const id of some ? only : there.keys()) (there.has(id) && !known.has(id)) ? news.add(id) : news.delete(id);
    bar.ids = news;
    const button = bar.querySelector("button");
    bar.hidden = news.size === 0;
    button.textContent = (news.size === 1 ? button.dataset.one : button.dataset.many).replace("#", news.size);
  };

  const drawParts = async (parts) => {
    const page = await ask(location.pathname + location.search);
    for (const part of parts) {
      const now = page.getElementById(part.id);
      if (now && !part.isEqualNode(now) && !isTyped(part)) part.replaceWith(document.importNode(now, true));
    }
  };

  // One that is still on its way comes by itself.
  const drawPanel = async (panel) => {
    if (panel.hasAttribute("aria-busy") || isTyped(panel)) return;
    const anew = (await ask(panel.dataset.address, true)).body;
    if (isTyped(panel) || panel.innerHTML.trim() === anew.innerHTML.trim()) return;
    panel.replaceChildren(...anew.childNodes);
    window.htmx?.process(panel);
  };

  const look = async () => {
    if (busy) return;
    busy = true;
    const ids = again ? null : new Set(changed), news = new Set([...fresh].map((id) => `ticket:${id}`));
    let rest = 0;
    again = false; changed.clear(); fresh.clear();
    try {
      const lists = new Set(all(".news").map(listOf).filter(Boolean));
      const parts = all("[data-part]").filter((each) => each.id && (!ids || ids.has(each.dataset.part)));
      const panels = all("[data-panel]").filter((each) => !ids || ids.has(each.dataset.panel));
      const asks = [];
      for (const list of lists) {
        const known = rowsOf(list), told = list.querySelector(".news").ids;
        const mine = ids && new Set([...ids].filter((id) => known.has(id) || told?.has(id) || news.has(id)));
        if (!mine || mine.size) asks.push(() => drawList(list, mine));
      }
      asks.push(...panels.map((panel) => () => drawPanel(panel)));
      if (parts.length) asks.push(() => drawParts(parts));
      if (asks.length) rest = REST_MS;
      for (const each of asks) await each();
      document.body.classList.remove("stale");
    } catch { document.body.classList.add("stale"); again = true; rest = AGAIN_MS; }
    setTimeout(() => { busy = false; if (again || changed.size || fresh.size) look(); }, rest);
  };

  const open = () => {
    if (stream || document.hidden || !document.body.dataset.live || !isLive()) return;
    const address = new URL(document.body.dataset.live, location.href);
    if (last) address.searchParams.set("since", last);
    stream = new EventSource(address);
    stream.addEventListener("changed", (event) => {
      last = event.lastEventId || last;
      const told = JSON.parse(event.data);
      for (const kind of ["ticket", "customer", "message"]) for (const id of told[kind] || []) changed.add(`${kind}:${id}`);
      for (const id of told.fresh || []) fresh.add(id);
      look();
    });
    stream.addEventListener("again", () => { again = true; look(); });
    stream.addEventListener("looking", async () => {
      const place = document.getElementById("looking");
      if (place) place.replaceChildren(...(await ask(place.dataset.address, true)).body.childNodes);
    });
    stream.addEventListener("error", () => {
      if (stream && stream.readyState === EventSource.CLOSED) { close(); setTimeout(open, 3000); }
    });
  };
  const close = () => { stream?.close(); stream = null; };

  // A tab in the background costs nothing; what it has missed comes when somebody looks at it again.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  document.addEventListener("htmx:after:swap", open);
  addEventListener("click", (event) => { if (event.target.closest(".news button")) location.reload(); });
  open();
})();
