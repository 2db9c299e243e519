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

function diagnostics(text) {
  try {
    const parsed = KustoCode.ParseAndAnalyze(text, globals);
    const found = parsed.GetDiagnostics();
    return Array.from({ length: found.Count }, (_, i) => found.getItem(i))
      .filter((each) => each.Severity === "Error")
      .map(({ Code: code, Start: start, Length: length, Message: message }) => (
        { code, start, length, message, scope: columnsAt(parsed, start) }));
  } catch {
    // A number where the parser wants one of a list of words ends it.
    const message = "Microsoft's parser gives up on this query";
    return [{ code: "KS100", start: 0, length: text.length, message, scope: null }];
  }
}

const refused = {};
for (const [name, text] of Object.entries(queries)) {
  const found = diagnostics(text);
  if (found.length) refused[name] = found;
}
console.log(JSON.stringify(refused));
