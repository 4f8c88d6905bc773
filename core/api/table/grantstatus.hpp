// The tables of TaskGrant's status.
#pragma once

#include "core/api/table/taskgrant.hpp"

namespace errand::api {

template <>
struct Fields<Credential> {
  using T = Credential;
  static constexpr auto rows =
      std::tuple(required("audience", &T::audience), required("credentialID", &T::credentialId),
                 field("issuedAt", &T::issuedAt), field("expiresAt", &T::expiresAt));
};

template <>
struct Fields<TaskGrantStatus::Role> {
  using T = TaskGrantStatus::Role;
  static constexpr auto rows =
      std::tuple(required("name", &T::name), required("rulesDigest", &T::rulesDigest),
                 field<DangerAccepted>("dangerous", &T::dangerAccepted));
};

template <>
struct Fields<TaskGrantStatus::LeasedSecret> {
  using T = TaskGrantStatus::LeasedSecret;
  static constexpr auto rows = std::tuple(required("name", &T::name), required("uid", &T::uid),
                                          required("resourceVersion", &T::resourceVersion));
};

template <>
struct Fields<TaskGrantStatus::Effective> {
  using T = TaskGrantStatus::Effective;
  static constexpr auto rows = std::tuple(
      field("digest", &T::digest), field("templateDigest", &T::templateDigest), field("roles", &T::roles),
      field("clusterRoles", &T::clusterRoles), field("secrets", &T::secrets));
};

template <>
struct Fields<TaskGrantStatus::Workload> {
  using T = TaskGrantStatus::Workload;
  static constexpr auto rows = std::tuple(field("uid", &T::uid), field("templateDigest", &T::templateDigest));
};

template <>
struct Fields<TaskGrantStatus::Made> {
  using T = TaskGrantStatus::Made;
  static constexpr auto rows = std::tuple(field("name", &T::name), field("uid", &T::uid));
};

template <>
struct Fields<TaskGrantStatus::Approval> {
  using T = TaskGrantStatus::Approval;
  static constexpr auto rows =
      std::tuple(required("approver", &T::approver), required("decision", &T::decision), field("at", &T::at));
};

template <>
struct Fields<TaskGrantStatus::Decision> {
  using T = TaskGrantStatus::Decision;
  static constexpr auto rows =
      std::tuple(required("id", &T::id), required("action", &T::action), required("decision", &T::decision),
                 field("at", &T::at), field("policies", &T::policies));
};

template <>
struct Fields<TaskGrantStatus::Revocation> {
  using T = TaskGrantStatus::Revocation;
  static constexpr auto rows = std::tuple(
      field("requestedAt", &T::requestedAt), field("confirmedAt", &T::confirmedAt),
      field("confirmedBy", &T::confirmedBy), field("rightsGoneMilliseconds", &T::rightsGoneMilliseconds),
      field("tokenRefusedMilliseconds", &T::tokenRefusedMilliseconds), field("podsEnded", &T::podsEnded),
      field("podsRunning", &T::podsRunning));
};

template <>
struct Fields<TaskGrantStatus> {
  using T = TaskGrantStatus;
  static constexpr auto rows = std::tuple(
      field("observedGeneration", &T::observedGeneration), field("phase", &T::phase),
      field("digest", &T::digest), field("requestedBy", &T::requestedBy),
      field("effectiveRisk", &T::effectiveRisk), field("effective", &T::effective),
      field("workload", &T::workload), field("serviceAccount", &T::serviceAccount),
      within("agentIdentity", field("uid", &T::identityUid)), within("parent", field("uid", &T::parentUid)),
      field("secretName", &T::secretName), field("endedBecause", &T::endedBecause),
      field("startedAt", &T::startedAt), field("endsAt", &T::endsAt), field("endedAt", &T::endedAt),
      field("enforcedSince", &T::enforcedSince), field("credentials", &T::credentials),
      field("approvals", &T::approvals), field("decisions", &T::decisions),
      field("revocation", &T::revocation), field("conditions", &T::conditions));
};

}  // namespace errand::api
