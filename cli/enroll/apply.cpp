#include "cli/enroll/apply.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace errand::cli {
namespace {

using Json = nlohmann::json;
using Said = std::function<void(const std::string&)>;

constexpr api::Resource kNetworkPolicies{"networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"};

std::string nameOf(const Json& object) { return object["metadata"]["name"].get<std::string>(); }

std::string shown(const Json& object) {
  return fmt::format("{}/{}", object["kind"].get<std::string>(), nameOf(object));
}

// Returns true if the object was created, and false if one of that name exists.
Result<bool> createIfMissing(const kube::Client& client, const api::Resource& resource, std::string_view ns,
                             const Json& object, const Said& said) {
  const auto created = client.create(resource, ns, object);
  if (created) {
    said(shown(object) + " created");
    return true;
  }
  if (created.error().kind == ErrorKind::AlreadyExists) return false;
  return std::unexpected(created.error());
}

// Returns the object of that name, or null if this created it.
Result<Json> createOrGet(const kube::Client& client, const api::Resource& resource, std::string_view ns,
                         const Json& object, const Said& said) {
  const auto created = createIfMissing(client, resource, ns, object, said);
  if (!created) return std::unexpected(created.error());
  return *created ? Result<Json>(nullptr) : client.get(resource, ns, nameOf(object));
}

Result<void> applyRole(const kube::Client& client, const EnrolSpec& spec, const Json& role,
                       const Said& said) {
  const auto present = createOrGet(client, api::kRoles, spec.ns, role, said);
  if (!present) return std::unexpected(present.error());
  if (present->is_null()) return {};
  const Json rules = present->value("rules", Json::array());
  const Json merged = mergedRules(rules, role["rules"]);
  if (merged == rules) {
    said(shown(role) + " unchanged");
    return {};
  }
  const auto patched = client.mergePatch(api::kRoles, spec.ns, nameOf(role), {{"rules", merged}});
  if (!patched) return std::unexpected(patched.error());
  said(shown(role) + " completed");
  return {};
}

Result<void> applyBinding(const kube::Client& client, const EnrolSpec& spec, const Json& binding,
                          const Said& said) {
  const auto present = createOrGet(client, api::kRoleBindings, spec.ns, binding, said);
  if (!present) return std::unexpected(present.error());
  if (present->is_null()) return {};
  for (const char* field : {"roleRef", "subjects"})
    if (present->value(field, Json()) != binding[field])
      return fail(
          ErrorKind::Conflict,
          fmt::format("the RoleBinding {} of namespace {} exists with another {}; delete it, then run "
                      "this again",
                      nameOf(binding), spec.ns, field));
  said(shown(binding) + " unchanged");
  return {};
}

// NetworkPolicies add up, so this one would widen an existing one that limits egress.
Result<void> applyMetadataPolicy(const kube::Client& client, const EnrolSpec& spec, const Json& policy,
                                 const Said& said) {
  const auto list = client.list(kNetworkPolicies, {.ns = spec.ns});
  if (!list) return std::unexpected(list.error());
  for (const Json& other : list->value("items", Json::array())) {
    if (nameOf(other) == nameOf(policy)) {
      said(shown(policy) + " unchanged");
      return {};
    }
    for (const Json& type : other["spec"].value("policyTypes", Json::array()))
      if (type == "Egress") {
        said(fmt::format("{} left out: NetworkPolicy/{} bounds egress already; let it close 169.254.169.254",
                         shown(policy), nameOf(other)));
        return {};
      }
  }
  const auto created = createIfMissing(client, kNetworkPolicies, spec.ns, policy, said);
  return created ? Result<void>() : std::unexpected(created.error());
}

Result<void> label(const kube::Client& client, const Json& ns, const Said& said) {
  const auto present = client.get(api::kNamespaces, "", nameOf(ns));
  if (!present) return std::unexpected(present.error());
  Json missing = Json::object();
  const Json labels = (*present)["metadata"].value("labels", Json::object());
  for (const auto& [key, value] : ns["metadata"]["labels"].items())
    if (labels.value(key, "") != value) missing[key] = value;
  if (missing.empty()) {
    said(shown(ns) + " unchanged");
    return {};
  }
  const auto patched =
      client.mergePatch(api::kNamespaces, "", nameOf(ns), {{"metadata", {{"labels", missing}}}});
  if (!patched) return std::unexpected(patched.error());
  said(shown(ns) + " labelled");
  return {};
}

}  // namespace

Result<void> applyEnrolment(const kube::Client& client, const EnrolSpec& spec, const Said& said) {
  std::vector<Json> objects;
  for (const auto& object : enrolment(spec)) objects.emplace_back(object);
  const Json bare = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", spec.ns}}}};
  if (const auto made = createIfMissing(client, api::kNamespaces, "", bare, said); !made)
    return std::unexpected(made.error());
  for (const Json& object : objects) {
    const auto& kind = object["kind"];
    const Result<void> done = kind == "Role"            ? applyRole(client, spec, object, said)
                              : kind == "RoleBinding"   ? applyBinding(client, spec, object, said)
                              : kind == "NetworkPolicy" ? applyMetadataPolicy(client, spec, object, said)
                                                        : Result<void>();
    if (!done) return done;
  }
  return label(client, objects.front(), said);
}

}  // namespace errand::cli
