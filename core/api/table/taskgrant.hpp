// The tables of TaskGrant: the names of its enumerations, its spec, and the kind.
#pragma once

#include "core/api/table/agentidentity.hpp"
#include "core/api/taskgrant.hpp"

namespace errand::api {

template <>
struct EnumNames<WorkloadKind> {
  static constexpr std::pair<std::string_view, WorkloadKind> all[] = {
      {"Job", WorkloadKind::Job},
      {"Pod", WorkloadKind::Pod},
      {"Deployment", WorkloadKind::Deployment},
      {"StatefulSet", WorkloadKind::StatefulSet}};
};

template <>
struct EnumNames<DeliveryMode> {
  static constexpr std::pair<std::string_view, DeliveryMode> all[] = {{"Projected", DeliveryMode::Projected},
                                                                      {"Slot", DeliveryMode::Slot}};
};

template <>
struct EnumNames<ParentRelation> {
  static constexpr std::pair<std::string_view, ParentRelation> all[] = {
      {"Delegation", ParentRelation::Delegation}, {"StepUp", ParentRelation::StepUp}};
};

template <>
struct EnumNames<Phase> {
  static constexpr std::pair<std::string_view, Phase> all[] = {
      {"Pending", Phase::Pending},     {"AwaitingApproval", Phase::AwaitingApproval},
      {"Scheduled", Phase::Scheduled}, {"Active", Phase::Active},
      {"Completed", Phase::Completed}, {"Failed", Phase::Failed},
      {"Expired", Phase::Expired},     {"Revoked", Phase::Revoked},
      {"Denied", Phase::Denied}};
};

template <>
struct Fields<TaskGrantSpec::Task> {
  using T = TaskGrantSpec::Task;
  static constexpr auto rows = std::tuple(required("intent", &T::intent), field("reference", &T::reference),
                                          field("planDigest", &T::planDigest), field("risk", &T::risk),
                                          field("attributes", &T::attributes));
};

template <>
struct Fields<TaskGrantSpec::Workload> {
  using T = TaskGrantSpec::Workload;
  static constexpr auto rows = std::tuple(field("kind", &T::kind), required("name", &T::name));
};

template <>
struct Fields<TaskGrantSpec::Access> {
  using T = TaskGrantSpec::Access;
  static constexpr auto rows =
      std::tuple(field<NameList>("roles", &T::roles), field<NameList>("clusterRoles", &T::clusterRoles),
                 field<NameList>("audiences", &T::audiences), field<NameList>("secrets", &T::secrets));
};

template <>
struct Fields<TaskGrantSpec::Window> {
  using T = TaskGrantSpec::Window;
  static constexpr auto rows = std::tuple(field("duration", &T::duration), field("notBefore", &T::notBefore),
                                          field("notAfter", &T::notAfter));
};

template <>
struct Fields<TaskGrantSpec::Parent> {
  using T = TaskGrantSpec::Parent;
  static constexpr auto rows = std::tuple(required("name", &T::name), field("relation", &T::relation));
};

// spec.revoke: an object revokes the grant, even if it has no reason.
struct RevokeReason : table::ByType {
  static void read(const JsonNode& value, std::optional<std::string>& out) {
    if (!value.mustBeObject()) return;
    value.read("reason", out.emplace());
  }
  static nlohmann::json write(const std::optional<std::string>& in) { return {{"reason", in.value_or("")}}; }
};

template <>
struct Fields<TaskGrantSpec> {
  using T = TaskGrantSpec;
  static constexpr auto rows = std::tuple(
      within("agentIdentityRef", required("name", &T::agentIdentity)), required("toolClass", &T::toolClass),
      field("task", &T::task), field("workload", &T::workload), field("access", &T::access),
      field("window", &T::window), within("delivery", field("mode", &T::delivery)),
      field("parentRef", &T::parent), field("ttlSecondsAfterFinished", &T::ttlSecondsAfterFinished),
      field<RevokeReason>("revoke", &T::revokeReason));
};

template <>
struct Fields<TaskGrant> {
  using T = TaskGrant;
  static constexpr std::string_view apiVersion = kGroupVersion, kind = "TaskGrant";
  static constexpr auto rows =
      std::tuple(required("metadata", &T::meta), required("spec", &T::spec), field("status", &T::status));
};

}  // namespace errand::api
