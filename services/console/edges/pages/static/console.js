// What makes the pages handy. Without it everything is read and done all the same.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // A mailed link's secret stands behind `#`, which browsers send to no server: put it into the form.
  const welcome = document.querySelector("form[data-link-secret]");
  if (welcome && location.hash.length > 1) {
    const field = welcome.elements.secret;
    field.value = location.hash.slice(1);
    field.closest(".field").hidden = true;
    history.replaceState(null, "", location.pathname + location.search);
  }

  // On a small screen the menu begins closed.
  const menu = document.querySelector(".side .menu");
  const small = matchMedia("(max-width: 860px)");
  const fold = () => { if (menu) menu.open = !small.matches; };
  fold();
  small.addEventListener("change", fold);

  // What is open over the page closes with Escape and with a click beside it.
  const drops = () => all("details.person[open], details.drops[open]");
  addEventListener("click", (event) => {
    for (const each of drops()) if (!each.contains(event.target)) each.open = false;
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const each of drops()) { each.open = false; each.querySelector("summary").focus(); }
  });

  // A form is sent once, however often its button is pressed.
  addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5000);
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((each) => delete each.dataset.sent));

  // What can be taken back can be for some seconds only.
  const fade = () => {
    for (const each of all("[data-fades]")) {
      setTimeout(() => each.querySelector("button")?.remove(), 1000 * each.dataset.fades);
      delete each.dataset.fades;
    }
  };
  fade();

  // How many rows are marked; from the head of their column all are.
  addEventListener("change", (event) => {
    const form = event.target.closest("form.bulk");
    if (!form || event.target.type !== "checkbox") return;
    const many = form.querySelector(".many");
    many.textContent = many.dataset.many.replace("#", all("input:checked", form).length);
  });

  // A part that has come is busy no more.
  document.addEventListener("htmx:after:swap", () => {
    for (const each of all("[aria-busy=true]")) if (!each.querySelector(".coming")) each.removeAttribute("aria-busy");
  });

  // Requests of parts of a page carry the page's token.
  document.addEventListener("htmx:config:request", (event) => {
    const token = document.body.dataset.csrf;
    const request = event.detail.ctx?.request;
    if (token && request) request.headers["X-CSRF-Token"] = token;
  });
})();
