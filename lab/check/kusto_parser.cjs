// Reads {"tables": {table: {column: type}}, "queries": {name: text}} from stdin and prints what
// Microsoft's own parser and binder refuse: {name: [{code, start, length, message, scope}, ...]},
// where scope has the columns that there are at that place.
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

function columnsAt(code, start) {
  const columns = code.GetColumnsInScope(start)?.Columns;
  return columns ? Array.from({ length: columns.Count }, (_, i) => columns.getItem(i).Name) : null;
}

const refused = {};
for (const [name, text] of Object.entries(queries)) {
  const parsed = KustoCode.ParseAndAnalyze(text, globals);
  const found = parsed.GetDiagnostics();
  for (let i = 0; i < found.Count; i++) {
    const { Code: code, Severity: severity, Start: start, Length: length, Message: message } = found.getItem(i);
    if (severity !== "Error") continue;
    (refused[name] ||= []).push({ code, start, length, message, scope: columnsAt(parsed, start) });
  }
}
console.log(JSON.stringify(refused));
