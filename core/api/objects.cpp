#include "core/api/objects.hpp"

#include "core/api/reader.hpp"

namespace errand::api {
namespace {

constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

nlohmann::json typed(std::string_view apiVersion, std::string_view kind, const ObjectMeta& meta) {
  return {{"apiVersion", apiVersion}, {"kind", kind}, {"metadata", encode(meta)}};
}

}  // namespace

template <>
Result<Object> decode(const nlohmann::json& value) {
  Object out;
  const Reader r(value);
  readMeta(r, out.meta);
  return r.finish(std::move(out));
}

template <>
Result<ServiceAccount> decode(const nlohmann::json& value) {
  ServiceAccount out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.read("automountServiceAccountToken", out.automount);
  return r.finish(std::move(out));
}

template <>
Result<RoleBinding> decode(const nlohmann::json& value) {
  RoleBinding out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("roleRef", [&](const Reader& ref) {
    ref.read("kind", out.role.kind);
    ref.read("name", out.role.name);
  });
  r.list("subjects", out.subjects, [](const Reader& s, Subject& subject) {
    s.read("kind", subject.kind);
    s.read("name", subject.name);
    s.read("namespace", subject.ns);
  });
  return r.finish(std::move(out));
}

template <>
Result<Pod> decode(const nlohmann::json& value) {
  Pod out;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("spec", [&](const Reader& spec) {
    spec.read("serviceAccountName", out.serviceAccountName);
    spec.read("nodeName", out.nodeName);
    spec.list("schedulingGates", out.schedulingGates,
              [](const Reader& gate, std::string& name) { gate.read("name", name); });
  });
  r.object("status", [&](const Reader& status) { status.read("phase", out.phase); });
  return r.finish(std::move(out));
}

template <>
Result<Job> decode(const nlohmann::json& value) {
  Job out;
  std::vector<Condition> conditions;
  const Reader r(value);
  readMeta(r, out.meta);
  r.object("status", [&](const Reader& status) { readConditions(status, conditions); });
  for (const Condition& c : conditions) {
    if (c.status != ConditionStatus::True || (c.type != "Complete" && c.type != "Failed")) continue;
    (c.type == "Complete" ? out.complete : out.failed) = true;
    out.reason = c.reason;
    out.message = c.message;
  }
  return r.finish(std::move(out));
}

nlohmann::json encode(const ServiceAccount& account) {
  nlohmann::json out = typed("v1", "ServiceAccount", account.meta);
  if (account.automount) out["automountServiceAccountToken"] = *account.automount;
  return out;
}

nlohmann::json encode(const RoleBinding& binding) {
  nlohmann::json out = typed("rbac.authorization.k8s.io/v1", "RoleBinding", binding.meta);
  out["roleRef"] = {{"apiGroup", kRbacGroup}, {"kind", binding.role.kind}, {"name", binding.role.name}};
  for (const Subject& s : binding.subjects)
    out["subjects"].push_back({{"kind", s.kind}, {"name", s.name}, {"namespace", s.ns}});
  return out;
}

}  // namespace errand::api
