// Reads {"tables": {table: {column: type}}, "queries": {name: text}} from stdin and prints what
// Microsoft's own parser and binder refuse: {name: ["line: message", ...]}.
const fs = require("fs");
require("@kusto/language-service-next/bridge.min");
require("@kusto/language-service-next/Kusto.Language.Bridge.min");
const { KustoCode, GlobalState, Symbols } = (globalThis.Kusto || Kusto).Language;
const { tables, queries } = JSON.parse(fs.readFileSync(0, "utf8"));

const symbols = Object.entries(tables).map(([name, columns]) => {
  const body = Object.entries(columns).map(([column, type]) => `['${column}']: ${type}`);
  return Symbols.TableSymbol.From(`(${body.join(", ")})`).WithName(name);
});
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol("workspace", symbols));

const refused = {};
for (const [name, text] of Object.entries(queries)) {
  const found = KustoCode.ParseAndAnalyze(text, globals).GetDiagnostics();
  for (let i = 0; i < found.Count; i++) {
    const each = found.getItem(i);
    if (each.Severity !== "Error") continue;
    const line = text.slice(0, each.Start).split("\n").length;
    (refused[name] ||= []).push(`${line}: ${each.Message}`);
  }
}
console.log(JSON.stringify(refused));
