#include "cli/enroll/manifests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/api/codec.hpp"

namespace errand::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view kRbac = "rbac.authorization.k8s.io";

bool isDnsLabel(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 63 && std::ranges::all_of(text, fits) && text.front() != '-' &&
         text.back() != '-';
}

json head(std::string_view apiVersion, std::string_view kind, std::string_view name, std::string_view ns) {
  json meta = {{"name", name}};
  if (!ns.empty()) {
    meta["namespace"] = ns;
    meta["labels"] = {{"app.kubernetes.io/part-of", "errand"}};
  }
  return {{"apiVersion", apiVersion}, {"kind", kind}, {"metadata", std::move(meta)}};
}

json namespaceOf(const EnrolSpec& spec) {
  json out = head("v1", "Namespace", spec.ns, "");
  json& labels = out["metadata"]["labels"];
  labels[std::string(api::kEnforceLabel)] = "true";
  if (!spec.podSecurity.empty()) {
    labels["pod-security.kubernetes.io/enforce"] = spec.podSecurity;
    labels["pod-security.kubernetes.io/enforce-version"] = "v1.37";
  }
  return out;
}

json bindRule(std::string_view resource, const std::vector<std::string>& names) {
  return {{"apiGroups", {kRbac}}, {"resources", {resource}}, {"resourceNames", names}, {"verbs", {"bind"}}};
}

json bindRole(const EnrolSpec& spec) {
  json out = head("rbac.authorization.k8s.io/v1", "Role", "errand-operator-bind", spec.ns);
  out["rules"] = json::array();
  if (!spec.roles.empty()) out["rules"].push_back(bindRule("roles", spec.roles));
  if (!spec.clusterRoles.empty()) out["rules"].push_back(bindRule("clusterroles", spec.clusterRoles));
  return out;
}

json bindingOf(const EnrolSpec& spec, std::string_view name, std::string_view kind, std::string_view role) {
  json out = head("rbac.authorization.k8s.io/v1", "RoleBinding", name, spec.ns);
  out["roleRef"] = {{"apiGroup", kRbac}, {"kind", kind}, {"name", role}};
  out["subjects"] = json::array(
      {{{"kind", "ServiceAccount"}, {"name", "errand-operator"}, {"namespace", spec.operatorNamespace}}});
  return out;
}

json metadataService(const EnrolSpec& spec) {
  json out = head("networking.k8s.io/v1", "NetworkPolicy", "errand-metadata-service", spec.ns);
  const auto block = [](const char* cidr, const char* except) -> json {
    return {{"ipBlock", {{"cidr", cidr}, {"except", json::array({except})}}}};
  };
  json to = json::array({{{"namespaceSelector", json::object()}},
                         block("0.0.0.0/0", "169.254.169.254/32"),
                         block("::/0", "fd00:ec2::254/128")});
  out["spec"] = {{"podSelector", json::object()},
                 {"policyTypes", json::array({"Egress"})},
                 {"egress", json::array({{{"to", std::move(to)}}})}};
  return out;
}

// True if YAML reads the text as a string without quotes.
bool isPlain(const std::string& text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '/' || c == '_';
  };
  const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  constexpr std::string_view kWords[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return !text.empty() && isLetter(text.front()) && std::ranges::all_of(text, fits) &&
         std::ranges::find(kWords, lower) == std::end(kWords);
}

std::string scalar(const json& value) {
  if (value.is_object()) return "{}";
  if (value.is_array()) return "[]";
  if (!value.is_string()) return value.dump();
  const auto text = value.get<std::string>();
  return isPlain(text) ? text : value.dump();  // a JSON string is a YAML string
}

void write(std::string& out, const json& value, size_t indent);

// Writes `: value` after a key, or the value after the dash of a list.
void writeBehind(std::string& out, const json& value, size_t indent) {
  if (value.is_structured() && !value.empty()) {
    out += '\n';
    write(out, value, value.is_array() ? indent : indent + 2);
  } else {
    out += ' ' + scalar(value) + '\n';
  }
}

void write(std::string& out, const json& value, size_t indent) {
  const std::string margin(indent, ' ');
  if (value.is_array()) {
    for (const json& item : value) {
      if (!item.is_structured() || item.empty()) {
        out += margin + "- " + scalar(item) + '\n';
        continue;
      }
      std::string inner;
      write(inner, item, indent + 2);
      inner.replace(indent, 2, "- ");
      out += inner;
    }
    return;
  }
  for (const auto& [key, item] : value.items()) {
    out += margin + scalar(json(key)) + ':';
    writeBehind(out, item, indent);
  }
}

}  // namespace

Result<void> addRole(EnrolSpec& spec, const std::string& text) {
  const size_t slash = text.find('/');
  const std::string kind = slash == std::string::npos ? "role" : text.substr(0, slash);
  const std::string name = slash == std::string::npos ? text : text.substr(slash + 1);
  if ((kind != "role" && kind != "clusterrole") || name.empty() || name.find('/') != std::string::npos)
    return fail(
        ErrorKind::Invalid,
        fmt::format("--bind {}: write NAME or role/NAME for a Role, clusterrole/NAME for a ClusterRole",
                    text));
  if (name.starts_with("errand-operator"))
    return fail(
        ErrorKind::Invalid,
        fmt::format("--bind {}: the operator never binds a role of its own (errand-operator*)", text));
  std::vector<std::string>& list = kind == "role" ? spec.roles : spec.clusterRoles;
  if (std::ranges::find(list, name) == list.end()) list.push_back(name);
  return {};
}

Result<void> check(const EnrolSpec& spec) {
  if (!isDnsLabel(spec.ns))
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no name of a namespace", spec.ns));
  if (spec.ns == "kube-system" || spec.ns == spec.operatorNamespace)
    return fail(ErrorKind::Invalid,
                fmt::format("{} cannot be enrolled: its pods run the cluster or Errand itself", spec.ns));
  return {};
}

std::vector<json> enrolment(const EnrolSpec& spec) {
  std::vector<json> out = {namespaceOf(spec), bindRole(spec),
                           bindingOf(spec, "errand-operator-bind", "Role", "errand-operator-bind"),
                           bindingOf(spec, "errand-operator", "ClusterRole", "errand-operator-namespace")};
  if (spec.closeMetadataService) out.push_back(metadataService(spec));
  return out;
}

std::string asYaml(const std::vector<json>& objects) {
  std::string out;
  for (const json& object : objects) {
    if (!out.empty()) out += "---\n";
    write(out, object, 0);
  }
  return out;
}

json mergedRules(const json& present, const json& wanted) {
  json out = present.is_array() ? present : json::array();
  const auto allows = [&](const json& resource, const json& name) {
    return std::ranges::any_of(out, [&](const json& rule) {
      const auto has = [&](const char* field, const json& value) {
        const auto it = rule.find(field);
        return it != rule.end() && std::ranges::find(*it, value) != it->end();
      };
      return has("verbs", "bind") && has("apiGroups", kRbac) && has("resources", resource) &&
             has("resourceNames", name);
    });
  };
  for (const json& rule : wanted) {
    std::vector<std::string> missing;
    for (const json& name : rule["resourceNames"])
      if (!allows(rule["resources"][0], name)) missing.push_back(name.get<std::string>());
    if (!missing.empty()) out.push_back(bindRule(rule["resources"][0].get<std::string>(), missing));
  }
  return out;
}

}  // namespace errand::cli
