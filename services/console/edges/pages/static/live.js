// What changes while a page is open is drawn anew where it stands: nothing moves under the pointer,
// nothing takes the focus, nothing that somebody is typing into is touched. One stream a page; it says
// ids, and the page asks for what it shows by the same address as before.
//   tr[data-live="ticket:ID"]   a row of a list        [data-part="ticket:ID"]   a part of a page, with an id
//   [data-panel="customer:ID"]  a panel's body, with an id
(() => {
  "use strict";
  const REST_MS = 1200;  // between two looks
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

  const drawRow = (row, anew) => {
    if (!anew) { row.classList.add("left"); return; }
    row.classList.remove("left");
    const cells = [...row.children], news = [...anew.children];
    cells.forEach((cell, at) => {
      const now = news[at];
      if (!now || cell.isEqualNode(now)) return;
      const mark = cell.querySelector("input[type=checkbox]"), focused = cell.contains(document.activeElement);
      const own = document.importNode(now, true);
      const ownMark = own.querySelector("input[type=checkbox]");
      if (mark && ownMark) ownMark.checked = mark.checked;
      cell.replaceWith(own);
      if (focused) own.querySelector("a, button, input")?.focus({ preventScroll: true });
    });
  };

  const drawList = async (list, ids) => {
    const path = location.pathname.replace(/\/$/, "");
    const page = await ask(`${path}/panels/${list.id}${location.search}`, true);
    const there = new Map(all("tr[data-live]", page).map((each) => [each.dataset.live, each]));
    for (const row of all("tr[data-live]", list)) if (!ids || ids.has(row.dataset.live)) drawRow(row, there.get(row.dataset.live));
    const known = new Set(all("tr[data-live]", list).map((each) => each.dataset.live));
    const more = [...there.keys()].filter((each) => !known.has(each)).length;
    const bar = list.querySelector(".news");
    if (!bar) return;
    const button = bar.querySelector("button");
    bar.hidden = more === 0;
    button.textContent = (more === 1 ? button.dataset.one : button.dataset.many).replace("#", more);
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
    const ids = again ? null : new Set(changed), anyNew = fresh.size > 0;
    again = false; changed.clear(); fresh.clear();
    try {
      const lists = new Set(all(".news").map(listOf).filter((list) => list && (!ids || anyNew || all("tr[data-live]", list).some((row) => ids.has(row.dataset.live)))));
      const parts = all("[data-part]").filter((each) => each.id && (!ids || ids.has(each.dataset.part)));
      const panels = all("[data-panel]").filter((each) => !ids || ids.has(each.dataset.panel));
      for (const list of lists) await drawList(list, ids);
      for (const panel of panels) await drawPanel(panel);
      if (parts.length) await drawParts(parts);
      document.body.classList.remove("stale");
    } catch { document.body.classList.add("stale"); }
    setTimeout(() => { busy = false; if (again || changed.size || fresh.size) look(); }, REST_MS);
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
