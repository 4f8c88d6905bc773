// The tables of the Kubernetes objects that Errand reads or writes.
#pragma once

#include "core/api/lease.hpp"
#include "core/api/objects.hpp"
#include "core/api/table/meta.hpp"

namespace errand::api {

inline constexpr std::string_view kRbacGroup = "rbac.authorization.k8s.io";

template <>
struct Fields<PartialObject> {
  static constexpr auto rows = std::tuple(required("metadata", &PartialObject::meta));
};

template <>
struct Fields<ConfigMap> {
  static constexpr auto rows =
      std::tuple(required("metadata", &ConfigMap::meta), field("data", &ConfigMap::data));
};

template <>
struct Fields<ServiceAccount> {
  static constexpr std::string_view apiVersion = "v1", kind = "ServiceAccount";
  static constexpr auto rows = std::tuple(required("metadata", &ServiceAccount::meta),
                                          field("automountServiceAccountToken", &ServiceAccount::automount));
};

template <>
struct Fields<RoleRef> {
  static constexpr auto rows = std::tuple(constant("apiGroup", kRbacGroup), required("kind", &RoleRef::kind),
                                          required("name", &RoleRef::name));
};

template <>
struct Fields<Subject> {
  static constexpr auto rows = std::tuple(required("kind", &Subject::kind), required("name", &Subject::name),
                                          required("namespace", &Subject::ns));
};

template <>
struct Fields<RoleBinding> {
  static constexpr std::string_view apiVersion = "rbac.authorization.k8s.io/v1", kind = "RoleBinding";
  static constexpr auto rows =
      std::tuple(required("metadata", &RoleBinding::meta), field("roleRef", &RoleBinding::role),
                 field("subjects", &RoleBinding::subjects));
};

template <>
struct Fields<PolicyRule> {
  static constexpr auto rows =
      std::tuple(field("apiGroups", &PolicyRule::groups), field("resources", &PolicyRule::resources),
                 field("verbs", &PolicyRule::verbs));
};

template <>
struct Fields<Role> {
  static constexpr auto rows = std::tuple(required("metadata", &Role::meta), derived(&Role::rulesDigest),
                                          field("rules", &Role::rules));
  static void derive(const JsonNode& object, Role& out);
};

template <>
struct Fields<Workload> {
  using T = Workload;
  static constexpr auto rows =
      std::tuple(required("metadata", &T::meta), derived(&T::templateDigest), derived(&T::slots),
                 within("spec", within("template", within("metadata", field("labels", &T::podLabels)))));
  static void derive(const JsonNode& object, Workload& out);
};

template <>
struct Fields<Pod> {
  static constexpr auto rows = std::tuple(
      required("metadata", &Pod::meta),
      within("spec", field("serviceAccountName", &Pod::serviceAccountName), field("nodeName", &Pod::nodeName),
             field<NameList>("schedulingGates", &Pod::schedulingGates),
             field("activeDeadlineSeconds", &Pod::activeDeadlineSeconds)),
      within("status", field("phase", &Pod::phase)), derived(&Pod::slots), derived(&Pod::templateDigest));
  static void derive(const JsonNode& object, Pod& out);
};

template <>
struct Fields<Job> {
  static constexpr auto rows =
      std::tuple(required("metadata", &Job::meta), derived(&Job::started), derived(&Job::complete),
                 derived(&Job::failed), derived(&Job::reason), derived(&Job::message),
                 derived(&Job::templateDigest), derived(&Job::slots),
                 within("spec", field("suspend", &Job::suspended),
                        field("activeDeadlineSeconds", &Job::activeDeadlineSeconds),
                        within("template", within("metadata", field("labels", &Job::podLabels)))));
  static void derive(const JsonNode& object, Job& out);
};

template <>
struct Fields<Lease> {
  static constexpr std::string_view apiVersion = "coordination.k8s.io/v1", kind = "Lease";
  static constexpr auto rows = std::tuple(required("metadata", &Lease::meta),
                                          within("spec", required<Nullable>("holderIdentity", &Lease::holder),
                                                 field("leaseDurationSeconds", &Lease::durationSeconds),
                                                 field("leaseTransitions", &Lease::transitions),
                                                 field<MicroTime>("acquireTime", &Lease::acquireTime),
                                                 field<MicroTime>("renewTime", &Lease::renewTime)));
};

}  // namespace errand::api
