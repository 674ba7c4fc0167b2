// Ctrl-K: what the typed letters lead to. The server finds pages and things; what the page's own
// buttons do (data-key) is found here, and pressed there.
(() => {
  "use strict";
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const field = dialog.querySelector("input"), found = dialog.querySelector("#found");
  const all = (selector, root = dialog) => [...root.querySelectorAll(selector)];

  const open = () => {
    if (dialog.open) return;
    document.querySelector("dialog[open]")?.close();
    dialog.showModal();
    field.select();
  };

  const choices = () => all("a[href], button[data-act]", found);
  const choose = (by) => {
    const there = choices();
    if (!there.length) return;
    const at = there.findIndex((each) => each.classList.contains("chosen"));
    const next = there[(Math.max(at, by > 0 ? -1 : 0) + by + there.length) % there.length];
    for (const each of there) each.classList.toggle("chosen", each === next);
    next.scrollIntoView({ block: "nearest" });
  };

  const words = (element) => (element.dataset.says || element.getAttribute("aria-label")
    || element.labels?.[0]?.querySelector("span, label")?.textContent || element.labels?.[0]?.textContent || element.textContent)
    .replace(/\s+/g, " ").trim();
  const acts = () => {
    const typed = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!typed.length) return;
    const list = found.querySelector("ul") || found.insertBefore(Object.assign(document.createElement("ul"), { className: "hits" }), found.firstChild);
    const seen = new Set();
    for (const each of document.querySelectorAll("[data-key]:not([data-palette])")) {
      const says = words(each), parts = says.toLowerCase().split(" ");
      if (seen.has(each.dataset.key) || !each.getClientRects().length) continue;
      if (!typed.every((one) => parts.some((part) => part.startsWith(one)))) continue;
      seen.add(each.dataset.key);
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.dataset.act = each.dataset.key;
      for (const [text, kind] of [[says, "says"], [found.dataset.acts, "quiet kind"]]) {
        button.append(Object.assign(document.createElement("span"), { textContent: text, className: kind }));
      }
      button.addEventListener("click", () => { dialog.close(); dispatchEvent(new CustomEvent("playcaller:press", { detail: each })); });
      item.append(button);
      list.append(item);
    }
    if (list.children.length) found.querySelector("p.none:not([hx-get])")?.remove();
  };

  found.addEventListener("htmx:after:swap", () => { acts(); choose(1); });
  addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      open();
    }
  });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) { event.preventDefault(); choose(by); }
    const chosen = event.key === "Enter" && found.querySelector(".chosen");
    if (chosen) { event.preventDefault(); chosen.click(); }
  });
  addEventListener("click", (event) => {
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
})();
