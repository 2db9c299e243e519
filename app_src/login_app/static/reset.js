// Puts the code of the link into the form; what stands behind the # never travels by itself.
"use strict";

const code = document.getElementById("reset-code");
if (location.hash.length > 1 && !code.value) {
  code.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  document.getElementById("password").focus();
}
