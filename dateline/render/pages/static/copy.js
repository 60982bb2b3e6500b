// Copies an address when its button is pressed; without this the address can be marked and copied.
const told = document.createElement("p");  // by screen readers (WCAG 2.2, 4.1.3)
told.className = "told";
told.setAttribute("role", "status");
function shownBeside(button) {
  let code = button.parentElement.querySelector("code");
  if (!code) {
    code = document.createElement("code");
    code.textContent = button.dataset.copy;
    button.after(" ", code);
  }
  return code;
}
(document.querySelector("main > div") ?? document.body).append(told);
for (const button of document.querySelectorAll("button[data-copy]")) {
  const label = button.textContent;
  button.hidden = !navigator.clipboard;  // which browsers give to https alone
  button.addEventListener("click", async () => {
    let said = button.dataset.copied;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {  // which a browser or its reader may refuse
      getSelection().selectAllChildren(shownBeside(button));
      said = button.dataset.marked;
    }
    button.textContent = told.textContent = said;
    setTimeout(() => {
      button.textContent = label;
      told.textContent = "";
    }, 2000);
  });
}
