/**
 * Light or dark: the system's, until the reader says otherwise.
 */

const KEY = "portcullis-theme";

/** Takes up what the reader said the last time. */
export function restoreTheme() {
  const said = remembered();
  if (said) document.documentElement.dataset.theme = said;
}

/** From light to dark, or back. */
export function toggleTheme() {
  const next = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Where nothing may be kept, it holds until the page is left.
  }
}

function isDark() {
  const said = document.documentElement.dataset.theme;
  return said ? said === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
