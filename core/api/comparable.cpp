#include "core/api/comparable.hpp"

#include <initializer_list>
#include <map>
#include <set>
#include <string_view>

#include "core/json/node.hpp"
#include "core/json/value.hpp"

namespace errand::api {
namespace {

std::string textOf(const JsonNode& node) {
  std::string out;
  printSorted(out, node);
  return out;
}

// True for a domain that the Kubernetes project reserves, or one below it
// (https://kubernetes.io/docs/reference/labels-annotations-taints/). Projects of its SIGs use x-k8s.io.
bool isOfKubernetes(std::string_view domain) {
  for (const std::string_view owned : {"k8s.io", "kubernetes.io", "x-k8s.io"})
    if (domain == owned || (domain.ends_with(owned) && domain[domain.size() - owned.size() - 1] == '.'))
      return true;
  return false;
}

// Prints a map without the keys that a queue may write.
void printMap(std::string& out, const JsonNode& metadata, std::string_view field) {
  std::map<std::string_view, std::string> kept;
  const auto map = metadata.child(field);
  if (map && map->isObject()) {
    map->fields([&](std::string_view key, const JsonNode& value) {
      const size_t slash = key.find('/');
      if (slash == key.npos || !isOfKubernetes(key.substr(0, slash))) kept.emplace(key, textOf(value));
    });
  } else if (map) {
    kept.emplace(field, textOf(*map));
  }
  for (const auto& [key, value] : kept) out.append(key).append("=").append(value).append("\n");
}

std::string comparable(const JsonNode& rule) {
  std::map<std::string_view, std::set<std::string>> fields;
  rule.fields([&](std::string_view key, const JsonNode& values) {
    if (simdjson::dom::array list; values.value().get(list) == simdjson::SUCCESS)
      for (const auto value : list) fields[key].insert(simdjson::minify(value));
    else
      fields[key].insert(textOf(values));
  });
  std::string out;
  for (const auto& [key, values] : fields) {
    out.append(key);
    for (const std::string& value : values) out.append(" ").append(value);
    out += ';';
  }
  return out;
}

}  // namespace

std::string comparableJobTemplate(const JsonNode& podTemplate) {
  std::string out;
  printSorted(out, podTemplate, {"metadata", "spec"});
  out += '\n';
  if (const auto metadata = podTemplate.child("metadata")) {
    printSorted(out, *metadata, {"labels", "annotations"});
    for (const std::string_view field : {"labels", "annotations"}) {
      out.append("\n").append(field).append("\n");
      printMap(out, *metadata, field);
    }
  }
  out += '\n';
  if (const auto spec = podTemplate.child("spec"))
    printSorted(out, *spec, {"nodeSelector", "tolerations", "affinity", "schedulingGates"});
  return out;
}

std::string comparableRules(const JsonNode& role) {
  std::set<std::string> rules;
  role.list("rules", [&](const JsonNode& rule) { rules.insert(comparable(rule)); });
  std::string out;
  for (const std::string& rule : rules) out.append(rule).append("\n");
  return out;
}

}  // namespace errand::api
