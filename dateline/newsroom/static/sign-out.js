// Discards the unsaved text that a person has in this browser when this person signs out.
"use strict";
const signOut = document.getElementById("sign-out");
signOut.addEventListener("submit", () => {
  try {
    const own = `dateline.text ${signOut.dataset.person}\n`;
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(own)) localStorage.removeItem(key);
    }
    sessionStorage.removeItem("dateline.sent");
  } catch {
    // Storage is switched off.
  }
});
