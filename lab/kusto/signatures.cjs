// Prints what Microsoft's language service knows of KQL's functions, aggregates, plugins and
// operators, as lab/kusto/signatures.json keeps it:
//   NODE_PATH=.lab/kusto/node_modules node lab/kusto/signatures.cjs > lab/kusto/signatures.json
// A signature is [result, parameters]; a parameter is [kind, argument, least, most, types, values].
require("@kusto/language-service-next/bridge.min");
require("@kusto/language-service-next/Kusto.Language.Bridge.min");
const Language = (globalThis.Kusto || Kusto).Language;
const { ParameterTypeKind, ReturnTypeKind, ArgumentKind, ResultNameKind } = Language.Symbols;

function listed(list) {
  if (!list) return [];
  if (Array.isArray(list)) return list;
  const count = list.Count ?? list.length;
  return Array.from({ length: count }, (_, i) => (list.getItem ? list.getItem(i) : list[i]));
}

const namesOf = (kinds) =>
  Object.fromEntries(Object.entries(kinds).filter(([, v]) => typeof v === "number").map(([k, v]) => [v, k]));
const [kinds, results, args, names] =
  [ParameterTypeKind, ReturnTypeKind, ArgumentKind, ResultNameKind].map(namesOf);

function parameter(each) {
  const values = listed(each.Values).filter((value) => typeof value === "string");
  const found = [
    kinds[each.TypeKind], args[each.ArgumentKind], each.MinOccurring, each.MaxOccurring,
    listed(each.DeclaredTypes).map((type) => type.Name),
  ];
  return values.length ? [...found, values] : found;
}

function signature(each) {
  const kind = results[each.ReturnKind];
  const result = kind === "Declared" ? (each.DeclaredReturnType?.Name ?? "unknown") : `@${kind}`;
  return [result, listed(each.Parameters).map(parameter)];
}

function described(symbols) {
  const found = {};
  for (const each of listed(symbols)) {
    if (each.Name.startsWith("__")) continue;
    found[each.Name] = {
      named: names[each.ResultNameKind] ?? "None",
      prefix: each.ResultNamePrefix ?? "",
      signatures: listed(each.Signatures).map(signature),
    };
  }
  return found;
}

function lines(group) {
  const rows = Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1));
  return rows.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(",\n");
}

const groups = {
  functions: described(Language.Functions.All),
  aggregates: described(Language.Aggregates.All),
  plugins: described(Language.PlugIns.All),
  operators: described(Language.Operators.All),
};
const body = Object.entries(groups).map(([name, group]) => ` ${JSON.stringify(name)}: {\n${lines(group)}\n }`);
console.log(`{\n${body.join(",\n")}\n}`);
