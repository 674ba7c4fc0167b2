// Single keys: they press what is declared on the page, and nothing that cannot be pressed by mouse.
//   data-key="e"   on a button, link or field: E presses it, or goes into it
//   data-go="q"    on a link: G, then Q
//   data-rows      on a table: J and K go through its rows, X marks one
(() => {
  "use strict";
  const FOLLOWS_MS = 1500;  // after G
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isOn = () => document.body.dataset.keys !== "off";
  const isShown = (element) => element.getClientRects().length > 0;
  const isText = (element) => element.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
  const opened = () => document.querySelector("dialog[open]");
  const canPress = (element) => isShown(element) || ("ofRows" in element.dataset && mark(row()));
  const declared = (key) => all(`[data-key="${CSS.escape(key)}"]`).find(canPress);
  let goes = 0;

  const says = (element) => element.dataset.says || element.getAttribute("aria-label")
    || (element.labels && element.labels[0] && element.labels[0].textContent) || element.textContent;
  const spoken = (element) => says(element).replace(/\s+/g, " ").trim();

  const rows = () => all("table[data-rows] tbody tr").filter(isShown);
  const row = () => document.activeElement.closest("table[data-rows] tbody tr");
  const mark = (element) => element && element.querySelector("input[type=checkbox]");

  const step = (by) => {
    const there = rows(), at = there.indexOf(row());
    const next = there[at < 0 ? 0 : Math.min(there.length - 1, Math.max(0, at + by))];
    const link = next && next.querySelector("a[href]");
    if (!link) return false;
    link.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };

  const press = (element) => {
    const own = mark(row());
    if ("ofRows" in element.dataset && own && !all("table[data-rows] input:checked").length) own.click();
    const drop = element.closest("details:not([open])");
    if (drop) drop.open = true;
    if (isText(element)) { element.focus(); if (element.select) element.select(); }
    else element.click();
  };

  addEventListener("playcaller:press", (event) => press(event.detail));

  const help = document.getElementById("keys");
  const line = (key, text) => {
    const term = document.createElement("dt"), what = document.createElement("dd");
    term.append(...key.split(" ").map((each) => Object.assign(document.createElement("kbd"), { textContent: each })));
    what.textContent = text;
    return [term, what];
  };
  const explain = () => {
    if (!help || opened()) return;
    const list = help.querySelector("dl"), standing = all("[data-standing]", help);
    list.replaceChildren();
    for (const each of standing) {
      const wants = each.dataset.wants;
      if (!wants || document.querySelector(wants)) list.append(...line(each.dataset.standing, each.textContent));
    }
    const seen = new Set();
    for (const each of all("[data-key]").filter((one) => isShown(one) || "ofRows" in one.dataset)) {
      if (seen.has(each.dataset.key)) continue;
      seen.add(each.dataset.key);
      list.append(...line(each.dataset.key.toUpperCase(), spoken(each)));
    }
    for (const each of all("[data-go]")) list.append(...line(`G ${each.dataset.go.toUpperCase()}`, spoken(each)));
    help.showModal();
  };

  addEventListener("click", (event) => {
    if (event.target.closest("[data-explain]")) explain();
    if (event.target.closest("[data-close]")) opened()?.close();
    if (event.target === opened()) opened().close();  // beside it
  });

  const ALWAYS = { "?": explain };
  const MOVES = { j: () => step(1), k: () => step(-1), x: () => { const own = mark(row()); own?.click(); return own; } };

  addEventListener("keydown", (event) => {
    const at = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && at.form && isText(at)) {
      const button = at.closest(".pick")?.nextElementSibling;  // of a form with several acts
      at.form.requestSubmit(button && button.matches("button[name]") ? button : undefined);
      return;
    }
    if (event.key === "Escape" && isText(at) && !opened()) { at.blur(); return; }
    if (!isOn() || opened() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isText(at)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : "";
    if (!key) return;
    if (goes && event.timeStamp - goes < FOLLOWS_MS) {
      goes = 0;
      const page = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (page) { event.preventDefault(); page.click(); }
      return;
    }
    if (key === "g") { goes = event.timeStamp; return; }
    const element = declared(key);
    if (ALWAYS[key]) { event.preventDefault(); ALWAYS[key](); }
    else if (element) { event.preventDefault(); press(element); }
    else if (MOVES[key] && MOVES[key]()) event.preventDefault();
  });
})();
