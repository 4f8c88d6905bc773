// The tables of AgentIdentity, and of the types that other kinds share with it.
#pragma once

#include "core/api/agentidentity.hpp"
#include "core/api/table/meta.hpp"

namespace errand::api {

template <>
struct EnumNames<Risk> {
  static constexpr std::pair<std::string_view, Risk> all[] = {
      {"Low", Risk::Low}, {"Medium", Risk::Medium}, {"High", Risk::High}, {"Critical", Risk::Critical}};
};

// The danger is accepted only if the field is exactly "Accepted".
struct DangerAccepted : table::ByType {
  static constexpr std::string_view kWord = "Accepted";
  static void read(const JsonNode& value, bool& out) {
    std::string_view text;
    value.get(text);
    out = text == kWord;
  }
  static nlohmann::json write(bool) { return kWord; }
};

// spec.state: every value except Enabled suspends the identity. Without the field it is enabled.
struct SuspendedState : table::ByType {
  static void read(const JsonNode& value, bool& out) {
    std::string_view text;
    value.get(text);
    out = text != "Enabled";
  }
  static nlohmann::json write(bool in) { return in ? "Suspended" : "Enabled"; }
};

template <>
struct Fields<Audience> {
  using T = Audience;
  static constexpr auto rows = std::tuple(required("name", &T::name), required("file", &T::file));
};

template <>
struct Fields<AllowedRole> {
  using T = AllowedRole;
  static constexpr auto rows =
      std::tuple(required("name", &T::name), field<DangerAccepted>("dangerous", &T::dangerAccepted));
};

template <>
struct Fields<Ceiling> {
  using T = Ceiling;
  static constexpr auto rows =
      std::tuple(field("roles", &T::roles), field("clusterRoles", &T::clusterRoles),
                 field<NameList>("secrets", &T::secrets), field("audiences", &T::audiences));
};

template <>
struct Fields<ToolClass> {
  using T = ToolClass;
  static constexpr auto rows =
      std::tuple(required("name", &T::name), required("risk", &T::risk),
                 field("minimumRisk", &T::minimumRisk), field("access", &T::access),
                 field("maxDuration", &T::maxDuration), field("maxActiveGrants", &T::maxActiveGrants),
                 within("approval", field("required", &T::approvalsRequired)),
                 within("slot", field("secretName", &T::slotSecretName)));
};

template <>
struct Fields<LabelSelector::Requirement> {
  using T = LabelSelector::Requirement;
  static constexpr auto rows =
      std::tuple(required("key", &T::key), required("operator", &T::op), field("values", &T::values));
};

template <>
struct Fields<LabelSelector> {
  using T = LabelSelector;
  static constexpr auto rows =
      std::tuple(field("matchLabels", &T::matchLabels), field("matchExpressions", &T::matchExpressions));
};

template <>
struct Fields<AgentIdentity::Account> {
  using T = AgentIdentity::Account;
  static constexpr auto rows =
      std::tuple(required("toolClass", &T::toolClass), required("name", &T::name), field("uid", &T::uid));
};

template <>
struct Fields<AgentIdentity::Status> {
  using T = AgentIdentity::Status;
  static constexpr auto rows =
      std::tuple(field("observedGeneration", &T::observedGeneration),
                 field("serviceAccounts", &T::serviceAccounts), field("activeGrants", &T::activeGrants),
                 field("lastGrantAt", &T::lastGrantAt), field("conditions", &T::conditions));
};

template <>
struct Fields<AgentIdentity> {
  using T = AgentIdentity;
  static constexpr std::string_view apiVersion = kGroupVersion, kind = "AgentIdentity";
  static constexpr auto rows =
      std::tuple(required("metadata", &T::meta),
                 within("spec", required("owner", &T::owner), field("description", &T::description),
                        required<SuspendedState>("state", &T::suspended), field("expiresAt", &T::expiresAt),
                        field("podSelector", &T::podSelector), field("toolClasses", &T::toolClasses)),
                 field("status", &T::status));
};

}  // namespace errand::api
