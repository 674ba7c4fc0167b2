// Before anything is drawn: the theme of the system where nobody chose one, and the viewer's zone.
(() => {
  const root = document.documentElement;
  root.classList.add("scripts");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    if (root.dataset.theme === "system") root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  paint();
  dark.addEventListener("change", paint);
  if (!/(^|; )playcaller-zone=/.test(document.cookie)) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone) document.cookie = `playcaller-zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  }
})();
