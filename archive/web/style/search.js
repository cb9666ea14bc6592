// Suggestions as one types; `/` goes to the search box, j and k through the results. Every page works without.
(() => {
  "use strict";
  const WAIT = 150; // milliseconds without a key before anything is asked
  const input = document.querySelector(".search input[type=search]");
  const results = [...document.querySelectorAll(".hits h2 a, .latest h3 a")];

  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && input) {
      event.preventDefault();
      input.focus();
      input.select();
    } else if ((event.key === "j" || event.key === "k") && results.length) {
      event.preventDefault();
      const at = results.indexOf(document.activeElement);
      const next = event.key === "j" ? at + 1 : at < 0 ? 0 : at - 1;
      const link = results[Math.min(Math.max(next, 0), results.length - 1)];
      link.focus();
      link.scrollIntoView({ block: "center" });
    }
  });

  const address = document.currentScript && document.currentScript.dataset.suggest;
  if (!input || !address) return;

  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  input.closest(".search").append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  let timer = 0;
  let asked = null; // the request under way
  let active = -1;

  // What is shown stays: an answer that is still on its way would take away what was chosen, or open what was closed.
  const stay = () => {
    clearTimeout(timer);
    if (asked) asked.abort();
  };

  const close = () => {
    stay();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (at) => {
    stay();
    const options = [...list.children];
    active = options.length ? (at + options.length) % options.length : -1;
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    if (active < 0) return;
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  };

  // Whatever a page said becomes text and never markup; an address is one of ours or it is left out.
  const option = (one, place) => {
    const item = document.createElement("li");
    item.id = `suggestion-${place}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    const said = document.createElement("span");
    said.dir = "auto";
    said.textContent = one.text;
    const kind = document.createElement("span");
    kind.className = "kind";
    kind.textContent = one.about;
    item.append(said, kind);
    item.dataset.href = one.href;
    item.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    item.addEventListener("click", () => go(item));
    return item;
  };

  const go = (item) => {
    const target = new URL(item.dataset.href, location.href);
    if (target.origin === location.origin) location.assign(target);
  };

  const ask = async () => {
    const query = input.value.trim();
    stay();
    if (query.length < 2) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`${address}?q=${encodeURIComponent(query)}`, { signal: asked.signal });
      if (!answer.ok) return close();
      const { suggestions } = await answer.json();
      if (document.activeElement !== input) return close();
      list.replaceChildren(...suggestions.map(option));
      active = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !suggestions.length;
      input.setAttribute("aria-expanded", String(suggestions.length > 0));
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // the first Escape closes the list, the next empties the box
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !list.hidden) {
      event.preventDefault();
      mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      go(list.children[active]);
    }
  });
  input.addEventListener("blur", close);
})();
